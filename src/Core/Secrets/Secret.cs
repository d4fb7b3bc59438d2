using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Countersign.Egress;

namespace Countersign.Secrets;

/// <summary>A value that nothing prints: not a log, not a debugger, not a serializer.</summary>
/// <param name="value">The value.</param>
[DebuggerDisplay("***")]
public sealed class Secret(string value)
{
    /// <summary>The origins that an <c>api_call</c> may send the secret to; none for a secret that it may send nowhere.</summary>
    [JsonIgnore]
    public ImmutableArray<Origin> Origins { get; init; } = [];

    /// <summary>The value itself, for the one place that sends it.</summary>
    public string Reveal() => value;

    /// <summary><c>***</c>.</summary>
    public override string ToString() => "***";
}

/// <summary>Finds a tenant's secrets.</summary>
public interface ISecretStore
{
    /// <summary>Finds a secret.</summary>
    /// <param name="tenant">The tenant's id.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="cancellationToken">Fires when the step's time is up.</param>
    /// <returns>The secret, or null where the tenant has none of that name.</returns>
    ValueTask<Secret?> FindAsync(string tenant, string name, CancellationToken cancellationToken = default);
}
