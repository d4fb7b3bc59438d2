using System.Text;

namespace Countersign.Schemas.Formats;

/// <summary>
/// <c>hostname</c> (RFC 1123, section 2.1, with the A-labels of RFC 5890) and <c>idn-hostname</c> (RFC 5890 and following).
/// </summary>
internal static class HostFormats
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    public static bool IsHostName(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestName || !Ascii.IsValid(text))
        {
            return false;
        }

        return IsName(Encoding.ASCII.GetString(text).Split('.'));
    }

    public static bool IsInternationalHostName(ReadOnlySpan<byte> text) =>
        text.Length <= LongestName * 4 && IsName(Encoding.UTF8.GetString(text).Split('.', '\u3002', '\uFF0E', '\uFF61'));

    /// <summary>The domain of a mailbox: labels of letters, digits and inner hyphens, and anything beyond ASCII where that is allowed.</summary>
    public static bool IsMailDomain(ReadOnlySpan<byte> text, bool international)
    {
        if (text.IsEmpty || text.Length > LongestName)
        {
            return false;
        }

        foreach (Range range in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> label = text[range];
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (byte unit in label)
            {
                if (!(char.IsAsciiLetterOrDigit((char)unit) || unit == '-' || (international && unit >= 0x80)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsName(string[] labels)
    {
        var decoded = new List<int[]>(labels.Length);
        int length = labels.Length - 1;
        foreach (string label in labels)
        {
            int[]? points = Decode(label, out int encodedLength);
            if (points is null)
            {
                return false;
            }

            length += encodedLength;
            decoded.Add(points);
        }

        return length <= LongestName && (!decoded.Exists(BidiRule.IsRightToLeft) || decoded.TrueForAll(BidiRule.Holds));
    }

    /// <summary>The code points a label stands for; null when it is no label.</summary>
    private static int[]? Decode(string label, out int encodedLength)
    {
        encodedLength = label.Length;
        if (!Ascii.IsValid(label))
        {
            int[] points = [.. label.EnumerateRunes().Select(r => r.Value)];
            string? encoded = Punycode.Encode(points);
            encodedLength = (encoded?.Length ?? LongestLabel) + 4;
            return encodedLength <= LongestLabel && IdnaLabel.IsValid(points) ? points : null;
        }

        if (!IsPlainLabel(label))
        {
            return null;
        }

        if (!label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase))
        {
            return [.. label.Select(c => (int)c)];
        }

        string body = label[4..].ToLowerInvariant();
        int[]? inner = Punycode.Decode(body);
        bool good = inner is not null && Array.Exists(inner, p => p > 127) && Punycode.Encode(inner) == body && IdnaLabel.IsValid(inner);
        return good ? inner : null;
    }

    private static bool IsPlainLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
