using System.Text;

namespace Countersign.Canonical;

/// <summary>A JSON string with escapes in its canonical form: only what must be escaped is, and in one way (RFC 8785, 3.2.2.2).</summary>
internal static class CanonicalText
{
    /// <summary>Rewrites what stands between the quotes. The canonical form is never longer than the source.</summary>
    /// <param name="source">Valid UTF-8 with valid escapes; the caller has checked the syntax.</param>
    /// <param name="offset">Where the source stands, for the error.</param>
    /// <param name="destination">At least as long as the source.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> source, long offset, Span<byte> destination)
    {
        var (read, written) = (0, 0);
        while (read < source.Length)
        {
            var plain = source[read..].IndexOf((byte)'\\');
            plain = plain < 0 ? source.Length - read : plain;
            source.Slice(read, plain).CopyTo(destination[written..]);
            read += plain;
            written += plain;
            if (read == source.Length)
            {
                break;
            }

            var rune = ReadEscape(source, ref read, offset);
            written += WriteRune(rune, destination[written..]);
        }

        return written;
    }

    private static Rune ReadEscape(ReadOnlySpan<byte> source, ref int read, long offset)
    {
        var start = read;
        var kind = source[read + 1];
        read += 2;
        if (kind != (byte)'u')
        {
            return new Rune(Short(kind));
        }

        var unit = Hex(source, ref read);
        if (!char.IsSurrogate(unit))
        {
            return new Rune(unit);
        }

        if (char.IsHighSurrogate(unit) && source[read..].StartsWith("\\u"u8))
        {
            read += 2;
            var low = Hex(source, ref read);
            if (Rune.TryCreate(unit, low, out var rune))
            {
                return rune;
            }
        }

        throw new CanonicalJsonException(
            CanonicalJsonErrorCodes.LoneSurrogate, "an escape names half of a surrogate pair", offset < 0 ? offset : offset + start);
    }

    private static char Short(byte kind) => kind switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)kind,
    };

    private static char Hex(ReadOnlySpan<byte> source, ref int read)
    {
        var unit = 0;
        for (var i = 0; i < 4; i++)
        {
            var b = source[read++];
            unit = (unit << 4) | (b <= (byte)'9' ? b - (byte)'0' : (b | 0x20) - (byte)'a' + 10);
        }

        return (char)unit;
    }

    private static int WriteRune(Rune rune, Span<byte> destination)
    {
        var escape = rune.Value switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\f' => "\\f"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            _ => default,
        };
        if (!escape.IsEmpty)
        {
            escape.CopyTo(destination);
            return escape.Length;
        }

        if (rune.Value >= 0x20)
        {
            return rune.EncodeToUtf8(destination);
        }

        "\\u00"u8.CopyTo(destination);
        destination[4] = (byte)('0' + (rune.Value >> 4));
        destination[5] = "0123456789abcdef"u8[rune.Value & 0xF];
        return 6;
    }
}
