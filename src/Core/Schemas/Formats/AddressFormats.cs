namespace Countersign.Schemas.Formats;

/// <summary><c>ipv4</c> (RFC 2673, section 3.2) and <c>ipv6</c> (RFC 4291, section 2.2).</summary>
internal static class AddressFormats
{
    public static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        for (int part = 0; part < 4; part++)
        {
            int end = part < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (end is < 1 or > 3 || !IsOctet(text[..end]))
            {
                return false;
            }

            text = part < 3 ? text[(end + 1)..] : default;
        }

        return true;
    }

    public static bool IsIPv6(ReadOnlySpan<byte> text)
    {
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
        {
            return CountGroups(text, mayEndInIPv4: true) == 8;
        }

        int before = gap == 0 ? 0 : CountGroups(text[..gap], mayEndInIPv4: false);
        ReadOnlySpan<byte> rest = text[(gap + 2)..];
        int after = rest.IsEmpty ? 0 : CountGroups(rest, mayEndInIPv4: true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    private static bool IsOctet(ReadOnlySpan<byte> text)
    {
        int value = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return value <= 255 && (text.Length == 1 || text[0] != '0');
    }

    /// <summary>The 16-bit groups between colons, an IPv4 part counting two; -1 when one of them is none.</summary>
    private static int CountGroups(ReadOnlySpan<byte> text, bool mayEndInIPv4)
    {
        int count = 0;
        while (true)
        {
            int end = text.IndexOf((byte)':');
            ReadOnlySpan<byte> group = end < 0 ? text : text[..end];
            if (end < 0 && mayEndInIPv4 && group.Contains((byte)'.'))
            {
                return IsIPv4(group) ? count + 2 : -1;
            }

            if (group.Length is < 1 or > 4 || !IsHexadecimal(group))
            {
                return -1;
            }

            count++;
            if (end < 0)
            {
                return count;
            }

            text = text[(end + 1)..];
        }
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> text)
    {
        foreach (byte digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }

        return true;
    }
}
