using System.Globalization;

namespace Countersign.Canonical;

/// <summary>
/// The shortest digits that read back as a double, of several the closest, of two as close the even one (ECMA-262,
/// 6.1.6.1.20): the magnitude is <c>0.digits × 10^Exponent</c>.
/// </summary>
/// <param name="Count">Number of digits, 1 to 17.</param>
/// <param name="Exponent">Where the point stands.</param>
internal readonly record struct ShortestDigits(int Count, int Exponent)
{
    public const int Capacity = 17;

    private const ulong MantissaBits = 0x000F_FFFF_FFFF_FFFF;

    /// <param name="value">Finite and not zero.</param>
    /// <param name="digits">Receives the ASCII digits, the first and the last not zero.</param>
    public static ShortestDigits Of(double value, Span<byte> digits)
    {
        Span<byte> text = stackalloc byte[32];
        var magnitude = Math.Abs(value);
        magnitude.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);

        // .NET 10 writes 2^-25 and 2^-958 one digit too short, so that they read back as the number below. Of the powers
        // of two these are the only ones, and no other number has neighbours at unequal distances.
        if ((BitConverter.DoubleToUInt64Bits(value) & MantissaBits) == 0
            && double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture) != magnitude)
        {
            return SeventeenDigits(magnitude, digits);
        }

        return Parse(text[..length], digits);
    }

    private static ShortestDigits SeventeenDigits(double magnitude, Span<byte> digits)
    {
        Span<byte> text = stackalloc byte[32];
        Span<byte> eighteen = stackalloc byte[Capacity + 1];
        magnitude.TryFormat(text, out var length, "E17", CultureInfo.InvariantCulture);
        var exact = Parse(text[..length], eighteen);
        eighteen[..Capacity].CopyTo(digits);
        var last = digits[Capacity - 1];
        var isOdd = (last & 1) == 1;
        if (exact.Count > Capacity && (eighteen[Capacity] > (byte)'5' || (eighteen[Capacity] == (byte)'5' && isOdd)))
        {
            digits[Capacity - 1]++;
        }

        return new ShortestDigits(Capacity, exact.Exponent);
    }

    private static ShortestDigits Parse(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        var (count, exponent, seenPoint) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (b == (byte)'E')
            {
                exponent += int.Parse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }

            if (b == (byte)'.')
            {
                seenPoint = true;
                continue;
            }

            exponent += seenPoint ? 0 : 1;
            if (count == 0 && b == (byte)'0')
            {
                exponent--;
                continue;
            }

            digits[count++] = b;
        }

        while (digits[count - 1] == (byte)'0')
        {
            count--;
        }

        return new ShortestDigits(count, exponent);
    }
}
