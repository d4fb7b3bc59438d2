namespace Countersign.Host.Commands;

/// <summary>The address that a command listens on, as <c>--url</c> gives it.</summary>
internal static class ListenAddress
{
    /// <summary>Checks an address. Kestrel takes every host name that is not an address for "listen everywhere", so that a slip of the hand would open the host to the network.</summary>
    /// <exception cref="OptionException">It is not an address that can be listened on.</exception>
    public static string Of(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw Refuse("is no address to listen on");
        }

        if (address.Scheme is "https")
        {
            throw Refuse("cannot be served: the host speaks plain HTTP, and a TLS proxy in front of it speaks HTTPS");
        }

        if (!(address.Host is "localhost" || address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            throw Refuse("is no address to listen on: its host is neither localhost nor an IP address");
        }

        return address.UserInfo.Length == 0 && address.PathAndQuery is "/" && address.Fragment.Length == 0
            ? url
            : throw Refuse("has more than a host and a port");

        OptionException Refuse(string rule) => new("--url", url, rule + ". Write http://127.0.0.1:8080, or http://0.0.0.0:8080 to listen to other machines.");
    }

    /// <summary>Explains why an address could not be taken.</summary>
    public static OptionException Refused(string url, Exception refused) => new("--url", url, $"cannot be listened on: {refused.Message}", refused);
}
