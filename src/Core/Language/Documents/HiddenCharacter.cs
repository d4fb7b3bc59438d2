using System.Buffers;

namespace Countersign.Language;

/// <summary>
/// Characters that make a text look different from what it says: controls, line ends that only some readers know (YAML 1.1 ends a comment at
/// U+0085, U+2028 and U+2029; YAML 1.2 and editors do not), and marks that reverse the order of what follows on a screen.
/// </summary>
internal static class HiddenCharacter
{
    private static readonly SearchValues<char> All = SearchValues.Create([.. Enumerable.Range(0, char.MaxValue + 1).Select(unit => (char)unit).Where(Is)]);

    /// <summary>Whether a character is one; tab, line feed and carriage return are not.</summary>
    public static bool Is(char unit) => unit switch
    {
        '\t' or '\n' or '\r' => false,
        < ' ' or (>= '\u007F' and <= '\u009F') => true,
        '\u2028' or '\u2029' or '\uFEFF' => true,
        >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' => true,
        _ => false,
    };

    /// <summary>Reports every one in a document at its place; a carriage return without a line feed behind it counts as well.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Refuse(string text, ProblemList problems)
    {
        int line = 1;
        int lineStart = 0;
        bool found = false;
        for (int at = 0; at < text.Length; at++)
        {
            int next = text.AsSpan(at).IndexOfAny('\n', '\r');
            int end = next < 0 ? text.Length : at + next;
            for (int hidden = Next(text, at, end); hidden >= 0; hidden = Next(text, hidden + 1, end))
            {
                Report(text[hidden], line, hidden - lineStart + 1);
            }

            at = end;
            if (at < text.Length && text[at] == '\n')
            {
                line++;
                lineStart = at + 1;
            }
            else if (at < text.Length && (at + 1 == text.Length || text[at + 1] != '\n'))
            {
                Report('\r', line, at - lineStart + 1);
            }
        }

        return found;

        void Report(char unit, int atLine, int column)
        {
            found = true;
            problems.ErrorAt(
                ProblemCodes.HiddenCharacter, atLine, column, "",
                $"The character U+{(int)unit:X4} is not visible, or shows other text than it says; remove it, or write it as \"\\u{(int)unit:X4}\" in a double-quoted string.");
        }
    }

    private static int Next(string text, int from, int end)
    {
        int offset = from >= end ? -1 : text.AsSpan(from, end - from).IndexOfAny(All);
        return offset < 0 ? -1 : from + offset;
    }
}
