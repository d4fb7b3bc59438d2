using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Canonical;
using Countersign.Core.Tests.Fuzzing;
using FsCheck;
using FsCheck.Fluent;

namespace Countersign.Core.Tests.Ledger.Canonical;

public sealed class EcmaNumberTests
{
    // RFC 8785, appendix B, and the borders between the four layouts of ECMA-262.
    [Theory]
    [InlineData(0x0000000000000000UL, "0")]
    [InlineData(0x8000000000000000UL, "0")]
    [InlineData(0x0000000000000001UL, "5e-324")]
    [InlineData(0x8000000000000001UL, "-5e-324")]
    [InlineData(0x7fefffffffffffffUL, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffffUL, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000UL, "9007199254740992")]
    [InlineData(0xc340000000000000UL, "-9007199254740992")]
    [InlineData(0x4430000000000000UL, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5UL, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6UL, "1e+23")]
    [InlineData(0x44b52d02c7e14af7UL, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4eUL, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4fUL, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50UL, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8cUL, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8dUL, "0.000001")]
    [InlineData(0x41b3de4355555553UL, "333333333.3333332")]
    [InlineData(0x41b3de4355555554UL, "333333333.33333325")]
    [InlineData(0x41b3de4355555555UL, "333333333.3333333")]
    [InlineData(0x41b3de4355555556UL, "333333333.3333334")]
    [InlineData(0x41b3de4355555557UL, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696UL, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959UL, "1424953923781206.2")]
    public void Format_Double_IsTheEcmaScriptForm(ulong bits, string expected) => Assert.Equal(expected, Format(bits));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Format_NotFinite_IsRefused(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EcmaNumber.Format(value, new byte[32]));

    // The hash is what V8 (Node 20) gives for String(x) over the same 30,000 numbers; 3,000,000 were compared once.
    [Fact]
    public void Format_ThirtyThousandNumbers_AreWhatV8Writes()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new Seeded(8785);
        for (var i = 0; i < 30_000; i++)
        {
            var bits = random.Next();
            bits = (i % 3) switch
            {
                1 => bits & 0xFFFF000000000000UL,
                2 => (bits & 0xFFF0000000000000UL) + ((bits & 7) - 4),
                _ => bits,
            };
            if (double.IsFinite(BitConverter.UInt64BitsToDouble(bits)))
            {
                hash.AppendData(Encoding.ASCII.GetBytes($"{bits:x16},{Format(bits)}\n"));
            }
        }

        Assert.Equal(
            "9c50ba0b4ddd96a355f92dc3c08d2e9005a7d5e9f287b775b86a1ae19a66be29", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // Neighbours of a power of two lie at unequal distances, where shortest digits go wrong first. The hash is V8's.
    [Fact]
    public void Format_PowersOfTwoAndTheirNeighbours_AreWhatV8Writes()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var exponent = 0L; exponent < 2047; exponent++)
        {
            for (var step = -3L; step <= 3; step++)
            {
                Add((exponent << 52) + step);
            }
        }

        for (var bit = 0; bit < 52; bit++)
        {
            Add(1L << bit);
        }

        Assert.Equal(
            "aebcea0b809f10e785e6e58d84a7c1dee38da4ffc09c85c3de008ee5139fc9f1", Convert.ToHexStringLower(hash.GetHashAndReset()));

        void Add(long bits)
        {
            if (bits > 0)
            {
                hash.AppendData(Encoding.ASCII.GetBytes($"{bits:x16},{Format((ulong)bits)}\n"));
            }
        }
    }

    [Theory]
    [InlineData(0x3e60000000000000UL, "2.9802322387695312e-8")]
    [InlineData(0x0410000000000000UL, "4.1045368012983762e-289")]
    public void Format_NumberThatTheRuntimeWritesTooShort_ReadsBackAsItself(ulong bits, string expected) =>
        Assert.Equal(expected, Format(bits));

    [Fact]
    public void Format_AnyDouble_ReadsBackAsItself() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<NormalFloat>(),
            x => double.Parse(Format(BitConverter.DoubleToUInt64Bits(x.Get)), CultureInfo.InvariantCulture) == x.Get)
            .QuickCheckThrowOnFailure();

    private static string Format(ulong bits)
    {
        Span<byte> buffer = stackalloc byte[EcmaNumber.MaxLength];
        return Encoding.ASCII.GetString(buffer[..EcmaNumber.Format(BitConverter.UInt64BitsToDouble(bits), buffer)]);
    }
}
