using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Schemas.Values;

/// <summary>
/// A JSON number, exactly: sign, decimal digits without outer zeros, and a power of ten. Up to 18 digits live in a long;
/// more stay text. Exponents beyond ±10^18 are taken as ±10^18.
/// </summary>
internal readonly struct JsonNumber : IComparable<JsonNumber>
{
    private const int FastDigits = 18;
    private const long FarExponent = 1_000_000_000_000_000_000;

    private static readonly long[] Powers = BuildPowers();

    private readonly long magnitude;
    private readonly byte[]? digits;
    private readonly long exponent;
    private readonly bool negative;

    private JsonNumber(bool negative, long magnitude, byte[]? digits, long exponent)
    {
        bool zero = digits is null && magnitude == 0;
        this.negative = negative && !zero;
        this.magnitude = magnitude;
        this.digits = digits;
        this.exponent = zero ? 0 : exponent;
    }

    public bool IsInteger => exponent >= 0;

    public int DigitCount => digits?.Length ?? CountDigits(magnitude);

    private bool IsZero => digits is null && magnitude == 0;

    public static JsonNumber Of(JsonElement number) => Parse(JsonMarshal.GetRawUtf8Value(number));

    /// <summary>Reads a number that already obeys the grammar of JSON.</summary>
    public static JsonNumber Parse(ReadOnlySpan<byte> text)
    {
        bool negative = text[0] == '-';
        ReadOnlySpan<byte> rest = negative ? text[1..] : text;
        long magnitude = 0;
        int used = 0;
        int zeros = 0;
        int fraction = 0;
        bool point = false;
        int at = 0;
        for (; at < rest.Length; at++)
        {
            byte unit = rest[at];
            if (unit == '.')
            {
                point = true;
                continue;
            }

            if ((unit | 0x20) == 'e')
            {
                break;
            }

            fraction += point ? 1 : 0;
            if (unit == '0')
            {
                zeros += used == 0 ? 0 : 1;
                continue;
            }

            if (used + zeros + 1 > FastDigits)
            {
                return ParseLong(negative, rest);
            }

            magnitude = (magnitude * Powers[zeros + 1]) + (unit - '0');
            used += zeros + 1;
            zeros = 0;
        }

        return new JsonNumber(negative, magnitude, null, ParseExponent(rest[at..]) - fraction + zeros);
    }

    /// <summary>The number as a count, cut to what an int can hold; it must be a non-negative integer.</summary>
    public int ToCount() =>
        digits is not null || exponent + DigitCount > 10
            ? int.MaxValue
            : (int)Math.Min(int.MaxValue, magnitude * Powers[exponent]);

    public int CompareTo(JsonNumber other)
    {
        if (negative != other.negative)
        {
            return negative ? -1 : 1;
        }

        int order = CompareMagnitude(other);
        return negative ? -order : order;
    }

    /// <summary>Whether this is a whole multiple of a divisor above zero.</summary>
    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (IsZero)
        {
            return true;
        }

        // Both are without trailing zeros: a smaller power of ten on this side leaves a fraction.
        long shift = exponent - divisor.exponent;
        if (shift < 0)
        {
            return false;
        }

        return divisor.digits is null
            ? RemainderBy((ulong)divisor.magnitude, shift) == 0
            : RemainderBy(ToInteger(divisor.digits), shift).IsZero;
    }

    /// <summary>Equal numbers have equal hashes; the value is the same in every process.</summary>
    public ulong Hash()
    {
        ulong hash = StableHash.Mix(StableHash.Start, (ulong)exponent ^ (negative ? 1UL << 63 : 0));
        return digits is null ? StableHash.Mix(hash, (ulong)magnitude) : StableHash.Add(hash, digits);
    }

    private static JsonNumber ParseLong(bool negative, ReadOnlySpan<byte> rest)
    {
        int mark = rest.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> significand = mark < 0 ? rest : rest[..mark];
        long exponent = mark < 0 ? 0 : ParseExponent(rest[mark..]);
        int point = significand.IndexOf((byte)'.');
        byte[] all = new byte[significand.Length - (point < 0 ? 0 : 1)];
        significand[..(point < 0 ? significand.Length : point)].CopyTo(all);
        if (point >= 0)
        {
            significand[(point + 1)..].CopyTo(all.AsSpan(point));
            exponent -= significand.Length - point - 1;
        }

        ReadOnlySpan<byte> trimmed = all.AsSpan().TrimEnd((byte)'0');
        exponent += all.Length - trimmed.Length;
        return new JsonNumber(negative, 0, trimmed.TrimStart((byte)'0').ToArray(), exponent);
    }

    private static long ParseExponent(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        bool negative = text[1] == '-';
        ReadOnlySpan<byte> figures = text[(text[1] is (byte)'-' or (byte)'+' ? 2 : 1)..].TrimStart((byte)'0');
        long value = figures.IsEmpty ? 0
            : figures.Length > FastDigits ? FarExponent
            : long.Parse(figures, NumberStyles.None, CultureInfo.InvariantCulture);
        return negative ? -value : value;
    }

    private int CompareMagnitude(JsonNumber other)
    {
        if (IsZero || other.IsZero)
        {
            return IsZero ? (other.IsZero ? 0 : -1) : 1;
        }

        int mine = DigitCount;
        int theirs = other.DigitCount;
        int order = (exponent + mine).CompareTo(other.exponent + theirs);
        if (order != 0)
        {
            return order;
        }

        if (digits is null && other.digits is null)
        {
            return (magnitude * Powers[FastDigits - mine]).CompareTo(other.magnitude * Powers[FastDigits - theirs]);
        }

        // Aligned at the leading digit and without trailing zeros, digit strings order as fractions do.
        Span<byte> left = stackalloc byte[FastDigits];
        Span<byte> right = stackalloc byte[FastDigits];
        return Figures(left).SequenceCompareTo(other.Figures(right));
    }

    private ReadOnlySpan<byte> Figures(Span<byte> buffer)
    {
        if (digits is not null)
        {
            return digits;
        }

        magnitude.TryFormat(buffer, out int written, default, CultureInfo.InvariantCulture);
        return buffer[..written];
    }

    private ulong RemainderBy(ulong divisor, long shift)
    {
        ulong remainder = 0;
        Span<byte> buffer = stackalloc byte[FastDigits];
        foreach (byte digit in Figures(buffer))
        {
            remainder = (ulong)((((UInt128)remainder * 10) + (uint)(digit - '0')) % divisor);
        }

        UInt128 power = 10 % divisor;
        for (; shift > 0 && remainder != 0; shift >>= 1)
        {
            remainder = (shift & 1) == 0 ? remainder : (ulong)(remainder * power % divisor);
            power = power * power % divisor;
        }

        return remainder;
    }

    private BigInteger RemainderBy(BigInteger divisor, long shift)
    {
        BigInteger remainder = BigInteger.Zero;
        Span<byte> buffer = stackalloc byte[FastDigits];
        ReadOnlySpan<byte> figures = Figures(buffer);
        while (!figures.IsEmpty)
        {
            int size = Math.Min(FastDigits, figures.Length);
            long chunk = long.Parse(figures[..size], NumberStyles.None, CultureInfo.InvariantCulture);
            remainder = ((remainder * Powers[size]) + chunk) % divisor;
            figures = figures[size..];
        }

        return remainder * BigInteger.ModPow(10, shift, divisor) % divisor;
    }

    private static BigInteger ToInteger(ReadOnlySpan<byte> figures) =>
        BigInteger.Parse(System.Text.Encoding.ASCII.GetString(figures), NumberStyles.None, CultureInfo.InvariantCulture);

    private static int CountDigits(long value)
    {
        int count = 1;
        while (count < Powers.Length && value >= Powers[count])
        {
            count++;
        }

        return count;
    }

    private static long[] BuildPowers()
    {
        long[] powers = new long[FastDigits + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
