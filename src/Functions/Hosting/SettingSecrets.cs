using Countersign.Egress;
using Countersign.Secrets;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Hosting;

/// <summary>
/// Secrets of tenants as app settings, <c>COUNTERSIGN_SECRET__tenant__name</c>: each of them may be a Key Vault reference, which the
/// platform resolves and renews. The origins that a secret may be sent to are in <c>COUNTERSIGN_SECRET_FOR__tenant__name</c>, separated by
/// blanks or commas; a secret without them, or with one that is not an origin, is sent nowhere.
/// </summary>
public sealed class SettingSecrets(IConfiguration configuration) : ISecretStore
{
    private static readonly char[] Separators = [' ', ','];

    /// <inheritdoc/>
    public ValueTask<Secret?> FindAsync(string tenant, string name, CancellationToken cancellationToken = default)
    {
        // A colon would lead into another tenant's settings.
        if (tenant.Contains(':', StringComparison.Ordinal)
            || name.Contains(':', StringComparison.Ordinal)
            || configuration[$"COUNTERSIGN_SECRET:{tenant}:{name}"] is not { } value)
        {
            return new((Secret?)null);
        }

        var origins = (configuration[$"COUNTERSIGN_SECRET_FOR:{tenant}:{name}"] ?? "")
            .Split(Separators, StringSplitOptions.RemoveEmptyEntries)
            .Select(Origin.TryParse)
            .ToArray();
        return new(new Secret(value) { Origins = origins.Contains(null) ? [] : [.. origins.OfType<Origin>()] });
    }
}
