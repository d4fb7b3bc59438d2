using System.Globalization;

namespace Countersign.Expressions;

/// <summary>
/// The text of a double as ECMAScript's Number::toString(10) writes it (ECMA-262 §6.1.6.1.20), which RFC 8785 §3.2.2.3
/// takes for canonical JSON: the shortest digits that read back as the same double.
/// </summary>
internal static class EcmaNumber
{
    internal static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        // "E16" would round; the default format gives the shortest digits, from which only digits and exponent are taken.
        Span<char> shortest = stackalloc char[32];
        value.TryFormat(shortest, out var length, default, CultureInfo.InvariantCulture);
        Span<char> digits = stackalloc char[32];
        var (count, point) = Decompose(shortest[..length], digits);
        return Compose(value < 0, digits[..count], point);
    }

    /// <summary>Extracts significant digits, and where the decimal point stands relative to the first of them.</summary>
    private static (int Count, int Point) Decompose(ReadOnlySpan<char> text, Span<char> digits)
    {
        var count = 0;
        var integers = -1;
        var exponent = 0;
        var leadingZeros = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == 'E')
            {
                exponent = int.Parse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }

            if (c == '.')
            {
                integers = count + leadingZeros;
            }
            else if (c == '0' && count == 0)
            {
                leadingZeros++;
            }
            else if (c != '-')
            {
                digits[count++] = c;
            }
        }

        var point = (integers < 0 ? count + leadingZeros : integers) - leadingZeros + exponent;
        while (digits[count - 1] == '0')
        {
            count--;
        }

        return (count, point);
    }

    private static string Compose(bool negative, ReadOnlySpan<char> digits, int point)
    {
        var text = new System.Text.StringBuilder(32);
        if (negative)
        {
            text.Append('-');
        }

        if (point is > 0 and <= 21)
        {
            if (digits.Length <= point)
            {
                text.Append(digits).Append('0', point - digits.Length);
            }
            else
            {
                text.Append(digits[..point]).Append('.').Append(digits[point..]);
            }
        }
        else if (point is > -6 and <= 0)
        {
            text.Append("0.").Append('0', -point).Append(digits);
        }
        else
        {
            text.Append(digits[0]);
            if (digits.Length > 1)
            {
                text.Append('.').Append(digits[1..]);
            }

            var exponent = point - 1;
            text.Append('e').Append(exponent < 0 ? '-' : '+').Append(CultureInfo.InvariantCulture, $"{Math.Abs(exponent)}");
        }

        return text.ToString();
    }
}
