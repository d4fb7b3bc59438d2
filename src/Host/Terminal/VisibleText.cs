using System.Globalization;
using System.Text;
using Countersign.Language;

namespace Countersign.Host.Terminal;

/// <summary>
/// Replaces each character that a terminal obeys or does not show by a visible escape, such as <c>\u001b</c>. JSON that is made visible
/// keeps its meaning.
/// </summary>
internal static class VisibleText
{
    /// <summary>Makes every such character visible, line breaks and tabs among them.</summary>
    public static string Of(string text) => Of(text, keepLines: false);

    /// <summary>Makes every such character visible but line feeds: for text of several lines.</summary>
    public static string OfLines(string text) => Of(text, keepLines: true);

    /// <summary>Whether a terminal neither obeys nor hides a character.</summary>
    public static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned)
        && !HiddenCharacter.Is(rune);

    private static string Of(string text, bool keepLines)
    {
        var safe = 0;
        while (safe < text.Length && (text[safe] is >= ' ' and <= '~' || (keepLines && text[safe] == '\n')))
        {
            safe++;
        }

        return safe == text.Length ? text : Escaped(text, safe, keepLines);
    }

    private static string Escaped(string text, int safe, bool keepLines)
    {
        var visible = new StringBuilder(text, 0, safe, text.Length + 16);
        while (safe < text.Length)
        {
            var isRune = Rune.TryGetRuneAt(text, safe, out var rune);
            var length = isRune ? rune.Utf16SequenceLength : 1;
            if (isRune && (IsVisible(rune) || (keepLines && rune.Value == '\n')))
            {
                visible.Append(text, safe, length);
            }
            else
            {
                foreach (var unit in text.AsSpan(safe, length))
                {
                    Append(visible, unit);
                }
            }

            safe += length;
        }

        return visible.ToString();
    }

    private static void Append(StringBuilder visible, char unit)
    {
        switch (unit)
        {
            case '\n': visible.Append(@"\n"); break;
            case '\r': visible.Append(@"\r"); break;
            case '\t': visible.Append(@"\t"); break;
            default: visible.Append(@"\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture)); break;
        }
    }
}
