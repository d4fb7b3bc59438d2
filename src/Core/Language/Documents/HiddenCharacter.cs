using System.Buffers;
using System.Globalization;
using System.Text;

namespace Countersign.Language;

/// <summary>
/// Characters that make a text look different from what it says: controls, line ends that only some readers know (YAML 1.1 ends a comment at
/// U+0085, U+2028 and U+2029; YAML 1.2 and editors do not), marks that change the order of a text on a screen, and characters that are not
/// drawn. It is the one list of them, for documents, terminals and answers of models.
/// </summary>
public static class HiddenCharacter
{
    private const int Joiner = 0x200D;
    private const int NonJoiner = 0x200C;

    private static readonly SearchValues<char> Candidates = SearchValues.Create(
        [.. Enumerable.Range(0, 0x110000).Where(value => Rune.IsValid(value) && Is(new Rune(value))).Select(value => new Rune(value).ToString()[0]).Distinct()]);

    /// <summary>Whether a character is one; tab, line feed and carriage return are not.</summary>
    /// <param name="rune">The character.</param>
    public static bool Is(Rune rune) => rune.Value switch
    {
        '\t' or '\n' or '\r' => false,
        < ' ' or (>= 0x7F and <= 0x9F) => true,
        0x00AD or 0x034F or 0x061C => true,
        0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or 0x16FE4 => true,
        >= 0x180B and <= 0x180F => true,
        >= 0x200B and <= 0x200F => true,
        >= 0x2028 and <= 0x202E => true,
        >= 0x2060 and <= 0x206F => true,
        0xFEFF or (>= 0xFFF0 and <= 0xFFFC) => true,
        0x1D159 => true,
        >= 0x1BCA0 and <= 0x1BCA3 => true,
        >= 0x1D173 and <= 0x1D17A => true,
        >= 0xE0000 and <= 0xE0FFF => true,
        _ => IsSelector(rune) || IsNonCharacter(rune) || (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format && !IsDrawnMark(rune)),
    };

    /// <summary>Whether a character looks like a space and is none to YAML: in an unquoted text, what follows it is still text, a <c>#</c> included.</summary>
    internal static bool IsForeignBlank(char unit) => unit != ' ' && char.GetUnicodeCategory(unit) == UnicodeCategory.SpaceSeparator;

    /// <summary>
    /// The first character at or behind a place that a document must not hold; -1 where there is none. A joiner between two visible
    /// characters beyond ASCII, and a variation selector behind one, are part of a word or an emoji and stay.
    /// </summary>
    internal static int IndexIn(string text, int from)
    {
        for (int at = Next(text, from); at >= 0; at = Next(text, at + 1))
        {
            if (Rune.TryGetRuneAt(text, at, out Rune rune) && Is(rune) && !IsPartOfWord(text, at, rune))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Reports every one in a document at its place. In YAML, a carriage return without a line feed behind it counts as well.</summary>
    /// <returns>Whether there was one.</returns>
    internal static bool Refuse(string text, bool isJson, ProblemList problems)
    {
        int line = 1;
        int lineStart = 0;
        bool found = false;
        int hidden = IndexIn(text, 0);
        for (int at = 0; at < text.Length; at++)
        {
            int next = text.AsSpan(at).IndexOfAny('\n', '\r');
            int end = next < 0 ? text.Length : at + next;
            for (; hidden >= 0 && hidden < end; hidden = IndexIn(text, hidden + 1))
            {
                Report(Rune.GetRuneAt(text, hidden), line, hidden - lineStart + 1);
            }

            at = end;
            if (at < text.Length && text[at] == '\n')
            {
                line++;
                lineStart = at + 1;
            }
            else if (at < text.Length && !isJson && (at + 1 == text.Length || text[at + 1] != '\n'))
            {
                Report(new Rune('\r'), line, at - lineStart + 1);
            }
        }

        return found;

        void Report(Rune rune, int atLine, int column)
        {
            found = true;
            problems.ErrorAt(
                ProblemCodes.HiddenCharacter, atLine, column, "",
                $"The character U+{rune.Value:X4} is not visible here, or shows other text than it says; remove it, or write it as \"{(isJson ? EscapeInJson(rune) : Escape(rune))}\" in a double-quoted string.");
        }
    }

    /// <summary>The escape of a character in a double-quoted YAML string.</summary>
    internal static string Escape(Rune rune) =>
        rune.IsBmp ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}") : string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");

    /// <summary>JSON that means the same and shows every hidden character as its escape.</summary>
    internal static string EscapeIn(string json)
    {
        StringBuilder text = new();
        int from = 0;
        for (int at = IndexIn(json, 0); at >= 0; at = IndexIn(json, from))
        {
            Rune rune = Rune.GetRuneAt(json, at);
            text.Append(json, from, at - from).Append(EscapeInJson(rune));
            from = at + rune.Utf16SequenceLength;
        }

        return text.Append(json, from, json.Length - from).ToString();
    }

    private static string EscapeInJson(Rune rune) =>
        string.Concat(rune.ToString().Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}")));

    private static bool IsNonCharacter(Rune rune) => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    /// <summary>Signs that stand over or before the digits that follow them. They have the category of formats and are drawn.</summary>
    private static bool IsDrawnMark(Rune rune) => rune.Value is (>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD;

    private static bool IsPartOfWord(string text, int at, Rune rune)
    {
        if (IsSelector(rune))
        {
            return IsVisibleBeyondAscii(Before(text, at));
        }

        if (rune.Value is not (Joiner or NonJoiner) || !Rune.TryGetRuneAt(text, Math.Min(at + 1, text.Length - 1), out Rune after) || !IsVisibleBeyondAscii(after))
        {
            return false;
        }

        Rune before = Before(text, at);
        return IsVisibleBeyondAscii(IsSelector(before) ? Before(text, at - before.Utf16SequenceLength) : before);
    }

    private static bool IsSelector(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static bool IsVisibleBeyondAscii(Rune rune) => !rune.IsAscii && !Is(rune) && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static Rune Before(string text, int at) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out Rune rune, out _) == OperationStatus.Done ? rune : new Rune('\0');

    private static int Next(string text, int from)
    {
        int offset = from >= text.Length ? -1 : text.AsSpan(from).IndexOfAny(Candidates);
        return offset < 0 ? -1 : from + offset;
    }
}
