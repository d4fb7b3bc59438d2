using System.Globalization;

namespace Countersign.Canonical;

/// <summary>A JSON number literal in its canonical form.</summary>
internal static class CanonicalNumber
{
    // Every integer of so many digits is held exactly by a double, and is its own canonical form.
    private const int SurelyExactDigits = 15;

    /// <param name="literal">A number as RFC 8259 allows it; the caller has checked the syntax.</param>
    /// <param name="integers">What to do with numbers that would be rounded.</param>
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

        if (integers == LargeIntegers.Refuse && RoundedNumber.Is(literal, value))
        {
            throw new CanonicalJsonException(
                CanonicalJsonErrorCodes.NumberRange, $"the {(isInteger ? "integer" : "number")} would be rounded; write it as a string", offset);
        }

        return EcmaNumber.Format(value, destination);
    }
}
