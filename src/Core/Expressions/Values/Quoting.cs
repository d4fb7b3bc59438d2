using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>Writes literals so that the lexer reads the same value back.</summary>
internal static class Quoting
{
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (Escape(c) is { } escape)
            {
                quoted.Append(escape);
            }
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append('"').ToString();
    }

    internal static string Quote(ReadOnlySpan<byte> bytes)
    {
        var quoted = new StringBuilder(bytes.Length + 3).Append("b\"");
        foreach (var octet in bytes)
        {
            if (Escape((char)octet) is { } escape)
            {
                quoted.Append(escape);
            }
            else if (octet is < 0x20 or >= 0x7F)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
            }
            else
            {
                quoted.Append((char)octet);
            }
        }

        return quoted.Append('"').ToString();
    }

    private static string? Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        _ => null,
    };
}
