using System.Globalization;

namespace Countersign.Canonical;

/// <summary>
/// Whether a double says something else than the digits of a number. Below 2^53 the nearest double is what every reader of JSON takes, and only
/// a number that becomes zero is lost. From there on whole digits are at stake, in whatever notation: <c>12345678901234567.89</c> would become
/// another amount, <c>6.02e23</c> stays what it is.
/// </summary>
internal static class RoundedNumber
{
    private const double FirstInexact = 1L << 53;

    /// <param name="literal">A JSON number.</param>
    /// <param name="value">The double nearest to it; finite.</param>
    public static bool Is(ReadOnlySpan<byte> literal, double value)
    {
        var exponent = literal.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = (exponent < 0 ? literal : literal[..exponent]).TrimStart((byte)'-');
        return value == 0
            ? mantissa.ContainsAnyInRange((byte)'1', (byte)'9')
            : Math.Abs(value) >= FirstInexact && !Denotes(value, mantissa, exponent < 0 ? default : literal[(exponent + 1)..]);
    }

    // The canonical form of the double has the same digits up to zeros at both ends, and the point in the same place.
    private static bool Denotes(double value, ReadOnlySpan<byte> mantissa, ReadOnlySpan<byte> exponent)
    {
        long power = 0;
        if (!exponent.IsEmpty && !long.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power))
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[ShortestDigits.Capacity];
        var shortest = ShortestDigits.Of(value, digits);
        var point = mantissa.IndexOf((byte)'.');
        var place = power + (point < 0 ? mantissa.Length : point);
        var at = 0;
        foreach (var digit in mantissa)
        {
            if (digit == (byte)'.')
            {
                continue;
            }

            if (at == 0 && digit == (byte)'0')
            {
                place--;
            }
            else if (digit == (at < shortest.Count ? digits[at] : (byte)'0'))
            {
                at++;
            }
            else
            {
                return false;
            }
        }

        return at >= shortest.Count && place == shortest.Exponent;
    }
}
