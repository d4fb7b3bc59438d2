using System.Net;

namespace Countersign.Core.Tests.Egress;

/// <summary>URLs that lead somewhere a workflow must not get to, in all the ways they are written.</summary>
internal static class HostileUrls
{
    private static readonly string[] Inside4 =
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.1.1.1", "127.255.255.254",
        "168.63.129.16", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.20.10.2", "172.31.255.255", "192.0.0.1", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
        "239.255.255.250", "240.0.0.1", "255.255.255.255",
    ];

    private static readonly string[] Inside6 =
    [
        "::", "::1", "::2", "100::1", "64:ff9b:1::a00:1", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe90::1", "febf::1", "fec0::1",
        "ff02::1", "ff0e::1", "2001:db8::1", "2001:10::1", "2001:20::1", "3fff::1", "5f00::1", "4000::1",
        "2600::5efe:7f00:1", "2600::200:5efe:a00:1",
    ];

    private static readonly string[] Written =
    [
        "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://017700000001/", "http://0/", "http://0x0/", "http://00000.0.0.0/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
        "http://169.254.43518/", "http://0xA9.254.0251.254/", "http://3232235521/", "http://127。0。0。1/",
        "http://127.0.0.1./", "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://loc%61lhost/",
        "http://localhost:22/", "http://localhost:65535/", "http://ip6-localhost/", "http://metadata.google.internal/computeMetadata/v1/",
        "http://rebind.example/", "http://mixed.example/", "http://mixed6.example/", "http://inside.example:8443/", "https://inside.example/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:a9fe:a9fe]/", "http://[::127.0.0.1]/", "http://[0000::0001]/",
        "http://[::ffff:0:127.0.0.1]/", "http://127.0.0.1:80\\@public.example/", "http://127.0.0.1#@public.example/", "http://127.0.0.1?@public.example/",
        "http://user@127.0.0.1/", "http://user:pass@public.example/", "http://public.example@127.0.0.1/", "http://:@public.example/", "https://a:b@[::1]/",
        "http://%31%32%37.0.0.1/", "file:///etc/passwd", "ftp://public.example/", "gopher://public.example/_x", "ws://public.example/", "wss://public.example/",
        "data:text/plain,x", "javascript:1", "jar:http://public.example!/", "ldap://public.example/", "unix:/var/run/docker.sock", "dict://public.example/",
        "net.pipe://localhost/x", "http+unix://x/",
    ];

    public static IEnumerable<string> All =>
    [
        .. Inside4.Select(address => $"http://{address}/latest/meta-data"),
        .. Inside4.Select(address => $"https://[::ffff:{address}]/"),
        .. Inside4.Take(20).Select(address => $"http://[{Embedded("64:ff9b::", address, 12)}]/"),
        .. Inside4.Take(20).Select(address => $"http://[{Embedded("2002::", address, 2)}]/"),
        .. Inside4.Take(10).Select(address => $"http://[{Teredo(address)}]/"),
        .. Inside6.Select(address => $"http://[{address}]:8080/"),
        .. Written,
    ];

    /// <summary>What a hostile resolver says; names that it does not know do not exist.</summary>
    public static IReadOnlyList<IPAddress> Resolve(string host) => host.TrimEnd('.').ToLowerInvariant() switch
    {
        "localhost" or "inside.example" => [IPAddress.Loopback],
        "ip6-localhost" => [IPAddress.IPv6Loopback],
        "metadata.google.internal" => [IPAddress.Parse("169.254.169.254")],
        "rebind.example" => [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("127.0.0.1")],
        "mixed.example" => [IPAddress.Parse("93.184.215.14"), IPAddress.Parse("192.168.1.1")],
        "mixed6.example" => [IPAddress.Parse("93.184.215.14"), IPAddress.Parse("::ffff:10.0.0.1")],
        "public.example" => [IPAddress.Parse("93.184.215.14")],

        // What the C library makes of numbers that look like names.
        var number => IPAddress.TryParse(number, out var address) ? [address] : [],
    };

    private static IPAddress Embedded(string prefix, string address, int at)
    {
        var bytes = IPAddress.Parse(prefix).GetAddressBytes();
        IPAddress.Parse(address).GetAddressBytes().CopyTo(bytes, at);
        return new IPAddress(bytes);
    }

    private static IPAddress Teredo(string client)
    {
        var bytes = Embedded("2001::", "8.8.8.8", 4).GetAddressBytes();
        IPAddress.Parse(client).GetAddressBytes().Select(b => (byte)~b).ToArray().CopyTo(bytes, 12);
        return new IPAddress(bytes);
    }
}
