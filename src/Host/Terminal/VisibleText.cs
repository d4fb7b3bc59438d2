using System.Globalization;
using System.Text;

namespace Countersign.Host.Terminal;

/// <summary>
/// Replaces each character that a terminal obeys or does not show by a visible escape, such as <c>\u001b</c>. JSON that is made visible
/// keeps its meaning.
/// </summary>
internal static class VisibleText
{
    // Invisible characters that Unicode does not classify as format characters: fillers, joiners, blank braille, variation selectors.
    private static readonly Rune[] Fillers =
        [.. new[] { 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0 }.Concat(Enumerable.Range(0xFE00, 16)).Select(value => new Rune(value))];

    /// <summary>Makes every such character visible, line breaks and tabs among them.</summary>
    public static string Of(string text) => Of(text, keepLines: false);

    /// <summary>Makes every such character visible but line feeds: for text of several lines.</summary>
    public static string OfLines(string text) => Of(text, keepLines: true);

    /// <summary>Whether a terminal neither obeys nor hides a character.</summary>
    public static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned)
        && !Fillers.Contains(rune)
        && rune.Value is < 0xE0000 or > 0xE0FFF;

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
