namespace Countersign.Canonical;

/// <summary>
/// The order of RFC 8785, section 3.2.3, by UTF-16 code units, decided on keys that are already in canonical UTF-8 form
/// without turning them into UTF-16.
/// </summary>
internal static class KeyOrder
{
    /// <summary>Compares two keys, without their quotes.</summary>
    /// <param name="left">A key in canonical form.</param>
    /// <param name="right">A key in canonical form.</param>
    /// <param name="escaped">True when either holds an escape.</param>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool escaped)
    {
        if (escaped)
        {
            return CompareEscaped(left, right);
        }

        var common = left.CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length - right.Length
            : Weight(left[common]) - Weight(right[common]);
    }

    private static int CompareEscaped(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (l, r) = (0, 0);
        while (l < left.Length && r < right.Length)
        {
            var difference = Weight(Next(left, ref l)) - Weight(Next(right, ref r));
            if (difference != 0)
            {
                return difference;
            }
        }

        return (l < left.Length ? 1 : 0) - (r < right.Length ? 1 : 0);
    }

    // Bytes of UTF-8 are in code point order. Code units differ from that in one thing: characters beyond U+FFFF (lead
    // bytes from F0) are written with surrogates, D800 to DFFF, and so come before U+E000 to U+FFFF (lead bytes EE, EF).
    private static int Weight(byte b) => b switch
    {
        >= 0xF0 => b - 2,
        0xEE or 0xEF => b + 0x10,
        _ => b,
    };

    private static byte Next(ReadOnlySpan<byte> key, ref int at)
    {
        var b = key[at++];
        if (b != (byte)'\\')
        {
            return b;
        }

        var kind = key[at++];
        if (kind != (byte)'u')
        {
            return kind switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => kind,
            };
        }

        // Canonical form escapes this way only what is below 0x20: two zeros, then two lower-case digits.
        var low = key[at + 3];
        var value = ((key[at + 2] - (byte)'0') << 4) | (low <= (byte)'9' ? low - (byte)'0' : low - (byte)'a' + 10);
        at += 4;
        return (byte)value;
    }
}
