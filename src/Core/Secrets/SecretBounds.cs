using System.Collections.Immutable;
using Countersign.Egress;

namespace Countersign.Secrets;

/// <summary>
/// The secrets that a request was made with, and the origins that each is bound to. The egress point asks it before each request that it
/// sends, redirects included.
/// </summary>
/// <param name="secrets">The secrets by name.</param>
/// <param name="values">Their values, to find them in the target of a redirect.</param>
public sealed class SecretBounds(ImmutableSortedDictionary<string, Secret> secrets, SecretValues values)
{
    /// <summary>Whether every secret may be sent to an origin.</summary>
    public bool Allow(Origin target) => secrets.Values.All(secret => secret.Origins.Contains(target));

    /// <summary>Refuses a target that a secret is not bound to.</summary>
    /// <exception cref="EgressRefusedException">A secret is bound to other origins, or to none.</exception>
    public void Demand(Origin target)
    {
        foreach (var (name, secret) in secrets)
        {
            if (secret.Origins.IsEmpty)
            {
                throw new EgressRefusedException(
                    SecretCodes.NotBound,
                    $"The secret '{name}' is bound to no origin, so it is sent nowhere. Bind it: countersign secret bind {name} --for {target}");
            }

            if (!secret.Origins.Contains(target))
            {
                throw new EgressRefusedException(
                    SecretCodes.OriginNotAllowed,
                    $"The secret '{name}' cannot be sent to {target}: it is bound to {string.Join(", ", secret.Origins)}.");
            }
        }
    }

    /// <summary>Whether a text holds a secret's value in a form that is looked for.</summary>
    public bool AreIn(string text) => values.AreIn(text);
}

/// <summary>Codes of secrets; each has a page in <c>docs/errors</c>.</summary>
public static class SecretCodes
{
    /// <summary>A request would take a secret to an origin that it is not bound to.</summary>
    public const string OriginNotAllowed = "secret.origin-not-allowed";

    /// <summary>A secret was stored without origins.</summary>
    public const string NotBound = "secret.not-bound";

    /// <summary>A secret decides the scheme, the host or the port of a URL.</summary>
    public const string InOrigin = "secret.in-origin";

    /// <summary>A secret is to be set or bound without an origin.</summary>
    public const string OriginsRequired = "secret.origins-required";

    /// <summary>What a secret is to be bound to is not an origin.</summary>
    public const string BadOrigin = "secret.bad-origin";

    /// <summary>The secrets of this host are settings, which the interface cannot change.</summary>
    public const string ReadOnly = "secret.read-only";

    /// <summary>There is no secret of that name.</summary>
    public const string NotFound = "secret.not-found";
}
