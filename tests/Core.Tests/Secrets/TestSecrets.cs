using System.Collections.Immutable;
using Countersign.Egress;
using Countersign.Secrets;

namespace Countersign.Core.Tests.Secrets;

/// <summary>Secrets of the tenant <c>acme</c>, and what was asked for.</summary>
internal sealed class TestSecrets(params (string Name, string Value)[] secrets) : ISecretStore
{
    public List<string> Asked { get; } = [];

    /// <summary>What all of them are bound to.</summary>
    public ImmutableArray<Origin> Origins { get; set; } = [];

    public ValueTask<Secret?> FindAsync(string tenant, string name, CancellationToken cancellationToken = default)
    {
        Asked.Add($"{tenant}/{name}");
        var found = secrets.Where(secret => tenant == "acme" && secret.Name == name).Select(secret => secret.Value).FirstOrDefault();
        return new(found is null ? null : new Secret(found) { Origins = Origins });
    }
}
