using System.Text;
using Countersign.Schemas.Patterns;

namespace Countersign.Schemas.Formats;

/// <summary><c>uuid</c> (RFC 4122), <c>json-pointer</c> (RFC 6901), <c>relative-json-pointer</c> (draft-bhutton-relative-json-pointer-00) and <c>regex</c> (ECMA-262).</summary>
internal static class SmallFormats
{
    private const int LongestRegex = 4096;

    public static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != 36)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit((char)text[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsJsonPointer(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text[0] != '/')
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '~' && (i + 1 == text.Length || text[i + 1] is not ((byte)'0' or (byte)'1')))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsRelativeJsonPointer(ReadOnlySpan<byte> text)
    {
        int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length : digits;
        if (digits == 0 || (digits > 1 && text[0] == '0'))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[digits..];
        return rest.SequenceEqual("#"u8) || IsJsonPointer(rest);
    }

    public static bool IsRegex(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestRegex)
        {
            return false;
        }

        try
        {
            PatternParser.Parse(Encoding.UTF8.GetString(text));
            return true;
        }
        catch (PatternSyntaxException)
        {
            return false;
        }
    }
}
