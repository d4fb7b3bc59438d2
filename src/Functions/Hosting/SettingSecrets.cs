using Countersign.Secrets;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Hosting;

/// <summary>
/// Secrets of tenants as app settings, <c>COUNTERSIGN_SECRET__tenant__name</c>: each of them may be a Key Vault reference, which the
/// platform resolves and renews.
/// </summary>
public sealed class SettingSecrets(IConfiguration configuration) : ISecretStore
{
    /// <inheritdoc/>
    public ValueTask<Secret?> FindAsync(string tenant, string name, CancellationToken cancellationToken = default)
    {
        // A colon would lead into another tenant's settings.
        var value = tenant.Contains(':', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal)
            ? null
            : configuration[$"COUNTERSIGN_SECRET:{tenant}:{name}"];
        return new(value is null ? null : new Secret(value));
    }
}
