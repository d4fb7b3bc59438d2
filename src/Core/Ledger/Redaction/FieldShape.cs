using System.Buffers;

namespace Countersign.Ledger;

/// <summary>
/// Secrets that are told by the name before them in running text, such as <c>Password=…;</c>, <c>Cookie: …</c> or
/// <c>\"api_key\":\"…\"</c>, and passwords within URLs.
/// </summary>
internal static class FieldShape
{
    private const int LongestName = 64;
    private const int LongestUser = 256;

    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(" \t\r\n\"'&;,<>{}\\");
    private static readonly SearchValues<char> UserEnds = SearchValues.Create(" \t\r\n\"'/?#<>@\\");

    public static int Find(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        if (text[at..].StartsWith("://", StringComparison.Ordinal))
        {
            return Url(text, at + 3, findings);
        }

        var nameEnd = at;
        while (nameEnd > 0 && at - nameEnd < 4 && text[nameEnd - 1] is ('"' or '\'' or '\\' or ' '))
        {
            nameEnd--;
        }

        var nameStart = nameEnd;
        while (nameStart > 0 && nameEnd - nameStart < LongestName && (char.IsAsciiLetterOrDigit(text[nameStart - 1]) || text[nameStart - 1] is '_' or '-'))
        {
            nameStart--;
        }

        var name = text[nameStart..nameEnd];
        return name.IsEmpty || !SensitiveFields.Contains(name) ? at + 1 : Value(text, at + 1, SensitiveFields.TakesWholeLine(name), findings);
    }

    private static int Value(ReadOnlySpan<char> text, int start, bool wholeLine, List<Finding> findings)
    {
        var isQuoted = false;
        while (start < text.Length && text[start] is (' ' or '"' or '\'' or '\\'))
        {
            isQuoted |= text[start] is '"' or '\'';
            start++;
        }

        var rest = text[start..];
        var length = isQuoted ? rest.IndexOfAny('"', '\'', '\n') : wholeLine ? rest.IndexOfAny('\r', '\n') : rest.IndexOfAny(ValueEnds);
        length = length < 0 ? rest.Length : length;
        while (isQuoted && length > 0 && rest[length - 1] == '\\')
        {
            length--;
        }

        if (length == 0 || rest[..length] is "null" or "true" or "false" || IsRedacted(rest[..length]))
        {
            return start + length;
        }

        findings.Add(new Finding(start, start + length, "field"));
        return start + length;
    }

    // Nothing but [redacted:kind].
    private static bool IsRedacted(ReadOnlySpan<char> value) =>
        value.StartsWith("[redacted:", StringComparison.Ordinal) && value.IndexOf(']') == value.Length - 1;

    // scheme://user:password@host
    private static int Url(ReadOnlySpan<char> text, int start, List<Finding> findings)
    {
        var rest = text.Slice(start, Math.Min(LongestUser, text.Length - start));
        var end = rest.IndexOfAny(UserEnds);
        if (end < 0 || rest[end] != '@')
        {
            return start;
        }

        var colon = rest[..end].IndexOf(':');
        if (colon < 0 || colon + 1 == end || rest[..end].Contains("[redacted:", StringComparison.Ordinal))
        {
            return start;
        }

        findings.Add(new Finding(start + colon + 1, start + end, "password"));
        return start + end + 1;
    }
}
