using System.Net;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Egress;

namespace Countersign.Core.Tests.Egress;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::101:101")]
    [InlineData("2002:101:101::1")]
    public void Is_NeighboursOfRefusedRangesAndPublicOnes_Public(string address) => Assert.True(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0/8")]
    [InlineData("10.0.0.0/8")]
    [InlineData("100.64.0.0/10")]
    [InlineData("127.0.0.0/8")]
    [InlineData("168.63.129.16/32")]
    [InlineData("169.254.0.0/16")]
    [InlineData("172.16.0.0/12")]
    [InlineData("192.0.0.0/24")]
    [InlineData("192.0.2.0/24")]
    [InlineData("192.168.0.0/16")]
    [InlineData("198.18.0.0/15")]
    [InlineData("198.51.100.0/24")]
    [InlineData("203.0.113.0/24")]
    [InlineData("224.0.0.0/4")]
    [InlineData("240.0.0.0/4")]
    public void Is_AnyAddressOfARefusedRange_NotPublicInAnyDress(string range)
    {
        var network = IPNetwork.Parse(range);
        var seeded = new Seeded(7);
        for (var i = 0; i < 200; i++)
        {
            var bytes = seeded.Bytes(4);
            var fixedBits = network.BaseAddress.GetAddressBytes();
            for (var bit = 0; bit < network.PrefixLength; bit++)
            {
                var mask = (byte)(0x80 >> (bit % 8));
                bytes[bit / 8] = (byte)((bytes[bit / 8] & ~mask) | (fixedBits[bit / 8] & mask));
            }

            Assert.False(PublicAddress.Is(new IPAddress(bytes)));
            Assert.False(PublicAddress.Is(Dressed("::ffff:0:0", bytes, 12)));
            Assert.False(PublicAddress.Is(Dressed("64:ff9b::", bytes, 12)));
            Assert.False(PublicAddress.Is(Dressed("2002::", bytes, 2)));
            Assert.False(PublicAddress.Is(Dressed("2001::", bytes, 4)));
            Assert.False(PublicAddress.Is(Dressed("2001:0:808:808::", [.. bytes.Select(b => (byte)~b)], 12)));
            Assert.False(PublicAddress.Is(Dressed("2600::5efe:0:0", bytes, 12)));
        }
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::1.1.1.1")]
    [InlineData("fc00::1")]
    [InlineData("fe80::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("ff02::1")]
    [InlineData("2606:4700:4700::1111%2")]
    public void Is_OtherThanGlobalUnicast_NotPublic(string address) => Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    private static IPAddress Dressed(string prefix, byte[] inner, int at)
    {
        var bytes = IPAddress.Parse(prefix).GetAddressBytes();
        inner.CopyTo(bytes, at);
        return new IPAddress(bytes);
    }
}
