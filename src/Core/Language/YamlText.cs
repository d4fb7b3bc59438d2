using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>Writes JSON values as the YAML that people write: blocks, plain texts where they are read back as texts, literal blocks for texts of several lines.</summary>
internal static class YamlText
{
    /// <summary>Texts of these characters only, after a letter, mean the same plain and quoted (if they are not a word such as <c>true</c>).</summary>
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+@*()=<>;");

    /// <summary>Words that are booleans to readers of YAML 1.1.</summary>
    private static readonly HashSet<string> OldWords = new(StringComparer.OrdinalIgnoreCase) { "y", "n", "yes", "no", "on", "off" };

    public static string Write(JsonElement value)
    {
        StringBuilder text = new();
        if (IsBlock(value))
        {
            WriteBlock(text, value, 0);
        }
        else
        {
            WriteInline(text, value, 0);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static bool IsBlock(JsonElement value)
        => (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > 0)
            || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0);

    private static void WriteBlock(StringBuilder text, JsonElement value, int indent)
    {
        bool first = true;
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
            {
                Indent(text, first ? 0 : indent);
                first = false;
                WriteScalarText(text, member.Name, isKey: true);
                text.Append(':');
                WriteMember(text, member.Value, indent);
            }

            return;
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            Indent(text, first ? 0 : indent);
            first = false;
            text.Append('-');
            if (IsBlock(item))
            {
                text.Append(' ');
                WriteBlock(text, item, indent + 2);
            }
            else
            {
                text.Append(' ');
                WriteInline(text, item, indent + 2);
                text.Append('\n');
            }
        }
    }

    private static void WriteMember(StringBuilder text, JsonElement value, int indent)
    {
        if (IsBlock(value))
        {
            text.Append('\n');
            Indent(text, indent + 2);
            WriteBlock(text, value, indent + 2);
        }
        else
        {
            text.Append(' ');
            WriteInline(text, value, indent + 2);
            text.Append('\n');
        }
    }

    private static void WriteInline(StringBuilder text, JsonElement value, int indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append("{}");
                break;
            case JsonValueKind.Array:
                text.Append("[]");
                break;
            case JsonValueKind.String when IsLiteral(value.GetString()!):
                WriteLiteral(text, value.GetString()!, indent);
                break;
            case JsonValueKind.String:
                WriteScalarText(text, value.GetString()!, isKey: false);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteScalarText(StringBuilder text, string value, bool isKey)
    {
        if (IsPlain(value, isKey))
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        int hidden = HiddenCharacter.IndexIn(value, 0);
        for (int at = 0; at < value.Length; at++)
        {
            if (at == hidden)
            {
                Rune rune = Rune.GetRuneAt(value, at);
                text.Append(HiddenCharacter.Escape(rune));
                at += rune.Utf16SequenceLength - 1;
                hidden = HiddenCharacter.IndexIn(value, at + 1);
                continue;
            }

            char unit = value[at];
            _ = unit switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                '\r' => text.Append("\\r"),
                _ when IsPrintable(unit) => text.Append(unit),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}"),
            };
        }

        text.Append('"');
    }

    private static bool IsPlain(string value, bool isKey)
    {
        if (value.Length is 0 or > 100 || !(char.IsAsciiLetter(value[0]) || (isKey ? value[0] == '$' : char.IsAsciiDigit(value[0]))) || value[^1] == ' ')
        {
            return false;
        }

        // Blanks are fine between words; with other signs around them the text could become a comment or a key.
        bool safe = isKey
            ? value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$')
            : value.AsSpan().IndexOfAnyExcept(PlainCharacters) is var odd
                && (odd < 0 || (value[odd] == ' ' && value.All(c => c == ' ' || PlainCharacters.Contains(c))));
        return safe && CoreScalar.Resolve(value, out _) == NodeKind.Text && !OldWords.Contains(value);
    }

    /// <summary>Texts of several lines that a literal block gives back unchanged.</summary>
    private static bool IsLiteral(string value)
        => value.Contains('\n', StringComparison.Ordinal)
            && value[0] is not (' ' or '\n' or '\t')
            && !value.EndsWith("\n\n", StringComparison.Ordinal)
            && value.All(c => c == '\n' || (IsPrintable(c) && !char.IsSurrogate(c)))
            && HiddenCharacter.IndexIn(value, 0) < 0
            && value.Split('\n').All(line => line.Length == 0 || (line[^1] != ' ' && line.AsSpan().Trim(' ').Length > 0));

    private static void WriteLiteral(StringBuilder text, string value, int indent)
    {
        bool ends = value.EndsWith('\n');
        text.Append(ends ? "|" : "|-");
        foreach (string line in (ends ? value[..^1] : value).Split('\n'))
        {
            text.Append('\n');
            if (line.Length > 0)
            {
                Indent(text, indent);
                text.Append(line);
            }
        }
    }

    /// <summary>What YAML 1.2 takes as it is (§5.1).</summary>
    private static bool IsPrintable(char unit)
        => unit is >= ' ' and <= '~' || (unit >= '\u00A1' && unit is not ('\uFFFE' or '\uFFFF'));

    private static void Indent(StringBuilder text, int blanks) => text.Append(' ', blanks);
}
