using System.Buffers.Text;

namespace Countersign.Canonical;

/// <summary>
/// Numbers as ECMAScript's <c>Number::toString</c> writes them (ECMA-262, 6.1.6.1.20), which RFC 8785, section 3.2.2.3,
/// takes over: the shortest digits that read back as the same double.
/// </summary>
public static class EcmaNumber
{
    /// <summary>The longest form there is, in bytes.</summary>
    public const int MaxLength = 25;

    // Beyond 21 digits in front of the point, or six zeros behind it, ECMAScript writes an exponent.
    private const int MaxPlainExponent = 21;
    private const int MinPlainExponent = -6;

    /// <summary>Writes a number. Both zeros are written <c>0</c>.</summary>
    /// <param name="value">Any finite double.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The number of bytes written, all ASCII.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is infinite or not a number.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "JSON has no infinity and no NaN.");
        }

        if (value == 0)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        Span<byte> digits = stackalloc byte[ShortestDigits.Capacity];
        var shortest = ShortestDigits.Of(value, digits);
        var start = 0;
        if (value < 0)
        {
            destination[0] = (byte)'-';
            start = 1;
        }

        return start + Lay(digits[..shortest.Count], shortest.Exponent, destination[start..]);
    }

    // 0.digits × 10^exponent, in one of the four layouts of the standard.
    private static int Lay(ReadOnlySpan<byte> digits, int exponent, Span<byte> to)
    {
        var count = digits.Length;
        if (count <= exponent && exponent <= MaxPlainExponent)
        {
            digits.CopyTo(to);
            to[count..exponent].Fill((byte)'0');
            return exponent;
        }

        if (exponent is > 0 and <= MaxPlainExponent)
        {
            digits[..exponent].CopyTo(to);
            to[exponent] = (byte)'.';
            digits[exponent..].CopyTo(to[(exponent + 1)..]);
            return count + 1;
        }

        if (exponent is > MinPlainExponent and <= 0)
        {
            "0."u8.CopyTo(to);
            to[2..(2 - exponent)].Fill((byte)'0');
            digits.CopyTo(to[(2 - exponent)..]);
            return 2 - exponent + count;
        }

        return LayWithExponent(digits, exponent - 1, to);
    }

    private static int LayWithExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> to)
    {
        to[0] = digits[0];
        var at = 1;
        if (digits.Length > 1)
        {
            to[at++] = (byte)'.';
            digits[1..].CopyTo(to[at..]);
            at += digits.Length - 1;
        }

        to[at++] = (byte)'e';
        to[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        if (!Utf8Formatter.TryFormat(Math.Abs(exponent), to[at..], out var written))
        {
            throw new ArgumentException($"A number needs up to {MaxLength} bytes.", nameof(to));
        }

        return at + written;
    }
}
