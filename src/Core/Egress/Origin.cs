using System.Globalization;

namespace Countersign.Egress;

/// <summary>Where a request goes: scheme, host and port. The path, the query and all else of a URL are no part of it.</summary>
public sealed record Origin
{
    private Origin(string scheme, string host, int port) => (Scheme, Host, Port) = (scheme, host, port);

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>The host in lower case and ASCII form (RFC 5891), or an address; an IPv6 address without brackets.</summary>
    public string Host { get; }

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; }

    /// <summary>The origin of a URL.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    public static Origin Of(Uri url) => new(url.Scheme, url.IdnHost.ToLowerInvariant(), url.Port);

    /// <summary>Reads an origin: an http or https URL that has a host and perhaps a port, but no user, path, query or fragment.</summary>
    /// <returns>The origin; null if the string is not one.</returns>
    public static Origin? TryParse(string text)
    {
        if (text.Length > 300
            || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '\\' or '?' or '#' or '@' or '*')
            || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.Host.Length == 0
            || url.Port is < 1 or > 65535
            || url.AbsolutePath != "/")
        {
            return null;
        }

        return Of(url);
    }

    /// <summary>The origin as RFC 6454 writes it: without the port that its scheme has by default.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var isUsual = Port == (Scheme == Uri.UriSchemeHttps ? 443 : 80);
        return isUsual ? $"{Scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{host}:{Port}");
    }
}
