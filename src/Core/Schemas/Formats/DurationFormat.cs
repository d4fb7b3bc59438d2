namespace Countersign.Schemas.Formats;

/// <summary><c>duration</c> of RFC 3339, appendix A: units are whole, in order and without gaps; weeks stand alone.</summary>
internal static class DurationFormat
{
    public static bool IsDuration(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3 || text[0] != 'P')
        {
            return false;
        }

        text = text[1..];
        ReadOnlySpan<byte> weeks = text;
        if (Units(ref weeks, "W"u8) && weeks.IsEmpty)
        {
            return true;
        }

        bool date = text[0] == 'T' || Units(ref text, "YMD"u8);
        return date && (text.IsEmpty || (text[0] == 'T' && IsTimePart(text[1..])));
    }

    private static bool IsTimePart(ReadOnlySpan<byte> text) => Units(ref text, "HMS"u8) && text.IsEmpty;

    /// <summary>Reads a run of neighbouring units, such as months and days; at least one.</summary>
    private static bool Units(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> order)
    {
        int last = -1;
        while (true)
        {
            int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            int unit = digits <= 0 ? -1 : order.IndexOf(text[digits]);
            if (unit < 0)
            {
                return last >= 0;
            }

            if (last >= 0 && unit != last + 1)
            {
                return false;
            }

            last = unit;
            text = text[(digits + 1)..];
        }
    }
}
