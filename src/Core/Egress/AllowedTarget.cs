using System.Globalization;
using System.Net;

namespace Countersign.Egress;

/// <summary>One entry of an operator's allow-list.</summary>
internal sealed class AllowedTarget
{
    private readonly string? host;
    private readonly IPNetwork? network;
    private readonly int? port;

    private AllowedTarget(string? host, IPNetwork? network, int? port) => (this.host, this.network, this.port) = (host, network, port);

    /// <summary>Reads <c>host:port</c> or <c>range:port</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static AllowedTarget Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var target = colon > 0 ? text[..colon].Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal) : "";
        int? port = null;
        if (target.Length == 0
            || target.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '/'))
            || (text[(colon + 1)..] != "*" && !TryPort(text[(colon + 1)..], out port))
            || (target.Contains(':', StringComparison.Ordinal) && !text.StartsWith('[')))
        {
            throw new FormatException($"'{text}' is no target: write host:port, 10.0.0.0/8:port or [fd00::]/8:port, the port a number or *.");
        }

        if (target.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.TryParse(target, out var range)
                ? new AllowedTarget(null, range, port)
                : throw new FormatException($"'{target}' is no range of addresses such as 10.0.0.0/8.");
        }

        return IPAddress.TryParse(target, out var address)
            ? new AllowedTarget(null, new IPNetwork(address, address.GetAddressBytes().Length * 8), port)
            : new AllowedTarget(target.TrimEnd('.'), null, port);
    }

    /// <summary>Whether a connection is one that the entry allows.</summary>
    public bool Allows(string name, IPAddress address, int toPort) =>
        (port is null || port == toPort)
        && (network is { } range
            ? range.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : string.Equals(name.TrimEnd('.'), host, StringComparison.OrdinalIgnoreCase));

    private static bool TryPort(string text, out int? port)
    {
        var read = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        port = number;
        return read;
    }
}
