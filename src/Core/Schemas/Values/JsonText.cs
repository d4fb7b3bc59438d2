using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Countersign.Schemas.Values;

/// <summary>
/// The text of JSON strings as unescaped UTF-8 bytes. JSON may escape half a surrogate pair, which no .NET string API
/// of JsonElement will decode; here it becomes its three-byte form (WTF-8), so that every JSON string has a text.
/// </summary>
internal static class JsonText
{
    public static ReadOnlySpan<byte> Of(JsonElement text) => Unescape(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    public static ReadOnlySpan<byte> NameOf(JsonProperty member) => Unescape(JsonMarshal.GetRawUtf8PropertyName(member));

    /// <summary>The text for people: broken sequences show as U+FFFD.</summary>
    public static string Display(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    public static bool TryGetString(JsonElement text, out string value)
    {
        ReadOnlySpan<byte> bytes = Of(text);
        value = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "";
        return value.Length > 0 || bytes.IsEmpty;
    }

    /// <summary>The number of Unicode code points, which is what minLength and maxLength count (Validation 2020-12, section 6.3).</summary>
    public static int CountCodePoints(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text))
        {
            return text.Length;
        }

        int count = 0;
        foreach (byte unit in text)
        {
            count += (unit & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }

    /// <summary>Reads one code point; a lone surrogate is given as itself, a byte that starts nothing as U+FFFD.</summary>
    public static int ReadCodePoint(ReadOnlySpan<byte> text, out int length)
    {
        byte first = text[0];
        if (first < 0x80)
        {
            length = 1;
            return first;
        }

        int expected = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || text.Length < expected)
        {
            length = 1;
            return 0xFFFD;
        }

        int point = first & (0xFF >> (expected + 1));
        for (int i = 1; i < expected; i++)
        {
            if ((text[i] & 0xC0) != 0x80)
            {
                length = 1;
                return 0xFFFD;
            }

            point = (point << 6) | (text[i] & 0x3F);
        }

        length = expected;
        return point;
    }

    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        int at = raw.IndexOf((byte)'\\');
        if (at < 0)
        {
            return raw;
        }

        // Every escape is at least as long as what it stands for.
        byte[] target = new byte[raw.Length];
        raw[..at].CopyTo(target);
        int end = at;
        while (at < raw.Length)
        {
            if (raw[at] != '\\')
            {
                target[end++] = raw[at++];
            }
            else if (raw[at + 1] == 'u')
            {
                end += WriteCodePoint(ReadEscaped(raw, ref at), target.AsSpan(end));
            }
            else
            {
                target[end++] = Simple(raw[at + 1]);
                at += 2;
            }
        }

        return target.AsSpan(0, end);
    }

    private static byte Simple(byte escape) => escape switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => escape,
    };

    private static int ReadEscaped(ReadOnlySpan<byte> raw, ref int at)
    {
        int unit = HexAt(raw, at + 2);
        at += 6;
        if (char.IsHighSurrogate((char)unit) && at + 6 <= raw.Length && raw[at] == '\\' && raw[at + 1] == 'u')
        {
            int low = HexAt(raw, at + 2);
            if (char.IsLowSurrogate((char)low))
            {
                at += 6;
                return char.ConvertToUtf32((char)unit, (char)low);
            }
        }

        return unit;
    }

    private static int HexAt(ReadOnlySpan<byte> raw, int at) =>
        int.Parse(raw.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int WriteCodePoint(int point, Span<byte> target)
    {
        if (point < 0x80)
        {
            target[0] = (byte)point;
            return 1;
        }

        int length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        for (int i = length - 1; i > 0; i--)
        {
            target[i] = (byte)(0x80 | (point & 0x3F));
            point >>= 6;
        }

        target[0] = (byte)((0xF00 >> length) | point);
        return length;
    }
}
