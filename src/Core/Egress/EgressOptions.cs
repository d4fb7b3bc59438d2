using System.Collections.Immutable;
using System.Net;
using Countersign.Secrets;

namespace Countersign.Egress;

/// <summary>What calls to the outside may do.</summary>
public sealed record EgressOptions
{
    /// <summary>
    /// Targets that are allowed although they are not public, each <c>host:port</c> or <c>address-range:port</c>, the port a number or
    /// <c>*</c>: <c>localhost:8080</c>, <c>10.1.0.0/16:443</c>, <c>[fd00::]/8:*</c>. Default: none. For operators only.
    /// </summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>Largest response body, after decompression, in bytes; at least 1. Default: 1 MiB.</summary>
    public long MaxResponseBytes { get; init; } = 1024 * 1024;

    /// <summary>Largest response head, in KiB; 1 to 1024. Default: 32.</summary>
    public int MaxResponseHeaderKilobytes { get; init; } = 32;

    /// <summary>How many redirects are followed; 0 to 20. Default: 3.</summary>
    public int MaxRedirects { get; init; } = 3;

    /// <summary>How long resolving, connecting and the TLS handshake may take together. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many connections are opened to one origin at most. Default: 64.</summary>
    public int MaxConnectionsPerOrigin { get; init; } = 64;

    /// <summary>Whether a target can stand in <see cref="Allowed"/>.</summary>
    /// <returns>Null where it can; otherwise what is wrong with it.</returns>
    public static string? Refuse(string target)
    {
        try
        {
            _ = AllowedTarget.Parse(target);
            return null;
        }
        catch (FormatException refused)
        {
            return refused.Message;
        }
    }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxResponseBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxResponseHeaderKilobytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxResponseHeaderKilobytes, 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRedirects);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRedirects, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnectionsPerOrigin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
    }
}

/// <summary>Resolves a host name, once per connection.</summary>
/// <param name="host">The name, in ASCII form.</param>
/// <param name="cancellationToken">Fires when connecting has taken too long.</param>
/// <returns>Every address of the name; none where it does not exist.</returns>
public delegate ValueTask<IReadOnlyList<IPAddress>> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>What single requests may ask of <see cref="EgressHandler"/>, in <see cref="HttpRequestMessage.Options"/>.</summary>
public static class EgressRequest
{
    /// <summary>Whether redirects are followed. Default: true.</summary>
    public static readonly HttpRequestOptionsKey<bool> FollowRedirects = new("countersign.follow-redirects");

    /// <summary>Whether the body holds a secret, so that no redirect may repeat it to another origin. Default: false.</summary>
    public static readonly HttpRequestOptionsKey<bool> ConfidentialBody = new("countersign.confidential-body");

    /// <summary>The secrets that the request was made with. It goes, and is redirected, only to origins that each of them is bound to. Default: none.</summary>
    public static readonly HttpRequestOptionsKey<SecretBounds> Secrets = new("countersign.secrets");

    /// <summary>
    /// Receives the method and the answer's status of each request that was answered by a redirect, before the redirect is followed or refused.
    /// Default: none.
    /// </summary>
    public static readonly HttpRequestOptionsKey<Action<HttpMethod, int>> Redirected = new("countersign.redirected");
}
