using System.Globalization;

namespace Countersign.Canonical;

/// <summary>A JSON number literal in its canonical form.</summary>
internal static class CanonicalNumber
{
    // Every integer of so many digits is held exactly by a double, and is its own canonical form.
    private const int SurelyExactDigits = 15;

    /// <param name="literal">A number as RFC 8259 allows it; the caller has checked the syntax.</param>
    /// <param name="integers">What to do with integers that would be rounded.</param>
    /// <param name="offset">Where the literal stands, for the error.</param>
    /// <param name="destination">At least <see cref="EcmaNumber.MaxLength"/> bytes.</param>
    public static int Write(ReadOnlySpan<byte> literal, LargeIntegers integers, long offset, Span<byte> destination)
    {
        var isInteger = literal.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
        if (isInteger && literal.Length <= SurelyExactDigits && !literal.SequenceEqual("-0"u8))
        {
            literal.CopyTo(destination);
            return literal.Length;
        }

        var value = double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            throw new CanonicalJsonException(CanonicalJsonErrorCodes.NumberRange, "the number is too large for a double", offset);
        }

        if (isInteger && integers == LargeIntegers.Refuse && value != 0 && !Denotes(value, literal.TrimStart((byte)'-')))
        {
            throw new CanonicalJsonException(
                CanonicalJsonErrorCodes.NumberRange, "the integer would be rounded; write it as a string", offset);
        }

        return EcmaNumber.Format(value, destination);
    }

    // The canonical form of the double names the same integer: same digits up to trailing zeros, same number of places.
    private static bool Denotes(double value, ReadOnlySpan<byte> integer)
    {
        Span<byte> digits = stackalloc byte[ShortestDigits.Capacity];
        var shortest = ShortestDigits.Of(value, digits);
        return shortest.Exponent == integer.Length && integer.TrimEnd((byte)'0').SequenceEqual(digits[..shortest.Count]);
    }
}
