using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Egress;

/// <summary>Tells addresses of the public internet from all others, after the registries of special-purpose addresses (RFC 6890) of IANA.</summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] Refused4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),          // this network
        IPNetwork.Parse("10.0.0.0/8"),         // private
        IPNetwork.Parse("100.64.0.0/10"),      // shared by carriers, and a metadata service
        IPNetwork.Parse("127.0.0.0/8"),        // loopback
        IPNetwork.Parse("168.63.129.16/32"),   // the host of a virtual machine on Azure
        IPNetwork.Parse("169.254.0.0/16"),     // link-local, with the metadata services
        IPNetwork.Parse("172.16.0.0/12"),      // private
        IPNetwork.Parse("192.0.0.0/24"),       // protocol assignments, with a metadata service
        IPNetwork.Parse("192.0.2.0/24"),       // documentation
        IPNetwork.Parse("192.88.99.0/24"),     // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),     // private
        IPNetwork.Parse("198.18.0.0/15"),      // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),    // documentation
        IPNetwork.Parse("203.0.113.0/24"),     // documentation
        IPNetwork.Parse("224.0.0.0/4"),        // multicast
        IPNetwork.Parse("240.0.0.0/4"),        // reserved, and broadcast
    ];

    // Everything outside of 2000::/3 is refused as it is not global unicast: loopback, link-local, unique local, multicast and the rest.
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Refused6 =
    [
        IPNetwork.Parse("2001::/23"),          // protocol assignments
        IPNetwork.Parse("2001:db8::/32"),      // documentation
        IPNetwork.Parse("3fff::/20"),          // documentation
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    /// <summary>Whether an address is one of the public internet. An IPv4 address inside an IPv6 address decides for it.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Array.Exists(Refused4, network => network.Contains(address));
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return Is(address.MapToIPv4());
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (Nat64.Contains(address))
        {
            return Is(new IPAddress(bytes[12..]));
        }

        if (SixToFour.Contains(address))
        {
            return Is(new IPAddress(bytes[2..6]));
        }

        if (Teredo.Contains(address))
        {
            // The server stands in the clear, the client with its bits turned (RFC 4380, section 4).
            var client = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(client, ~BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]));
            return Is(new IPAddress(bytes[4..8])) && Is(new IPAddress(client));
        }

        return IsGlobal(address, bytes);
    }

    private static bool IsGlobal(IPAddress address, ReadOnlySpan<byte> bytes)
    {
        if (Compatible.Contains(address) || !Global6.Contains(address) || Array.Exists(Refused6, network => network.Contains(address)))
        {
            return false;
        }

        // ISATAP (RFC 5214): an interface identifier of 0000:5efe or 0200:5efe and an IPv4 address.
        var isatap = (bytes[8] & 0xFD) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
        return !isatap || Is(new IPAddress(bytes[12..]));
    }
}
