using System.Buffers;

namespace Countersign.Schemas.Formats;

/// <summary><c>uri-template</c> of RFC 6570, section 2.</summary>
internal static class UriTemplateFormat
{
    // RFC 6570 with errata 6937: the apostrophe is a literal.
    private static readonly SearchValues<byte> Refused = SearchValues.Create(" \"%<>\\^`{|}\u007F"u8);
    private static readonly SearchValues<byte> Operators = SearchValues.Create("+#./;?&"u8);

    public static bool IsUriTemplate(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int length = text[0] == '{' ? ExpressionLength(text) : LiteralLength(text);
            if (length == 0)
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static int LiteralLength(ReadOnlySpan<byte> text)
    {
        if (text[0] == '%')
        {
            return UriFormats.Percent(text);
        }

        return text[0] < 0x80
            ? (text[0] < 0x20 || Refused.Contains(text[0]) ? 0 : 1)
            : UriFormats.International(text, allowed: true, isQuery: true);
    }

    private static int ExpressionLength(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'}');
        if (end < 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> list = text[1..end];
        if (!list.IsEmpty && Operators.Contains(list[0]))
        {
            list = list[1..];
        }

        while (true)
        {
            int comma = list.IndexOf((byte)',');
            if (!IsVariable(comma < 0 ? list : list[..comma]))
            {
                return 0;
            }

            if (comma < 0)
            {
                return end + 1;
            }

            list = list[(comma + 1)..];
        }
    }

    private static bool IsVariable(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon >= 0)
        {
            ReadOnlySpan<byte> length = text[(colon + 1)..];
            if (length.Length is < 1 or > 4 || length[0] == '0' || length.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }

            text = text[..colon];
        }
        else if (text.EndsWith("*"u8))
        {
            text = text[..^1];
        }

        return IsName(text);
    }

    private static bool IsName(ReadOnlySpan<byte> text)
    {
        bool dotAllowed = false;
        while (!text.IsEmpty)
        {
            int length = text[0] == '%' ? UriFormats.Percent(text)
                : char.IsAsciiLetterOrDigit((char)text[0]) || text[0] == '_' || (text[0] == '.' && dotAllowed) ? 1 : 0;
            if (length == 0)
            {
                return false;
            }

            dotAllowed = text[0] != '.';
            if (!dotAllowed && text.Length == 1)
            {
                return false;
            }

            text = text[length..];
        }

        return dotAllowed;
    }
}
