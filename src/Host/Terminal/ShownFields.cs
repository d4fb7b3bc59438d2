using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Host.Terminal;

/// <summary>
/// The data that an approver decides on, as lines for the terminal. A value can neither look like another field nor like a line of the program:
/// texts are quoted, names that are not plain words too, and a long value is broken here, with a mark before each further line, and not by the
/// terminal at its edge.
/// </summary>
internal static class ShownFields
{
    private const string Indent = "    ";
    private const string Further = "    | ";
    private const int Narrowest = 20;

    /// <summary>The lines.</summary>
    /// <param name="shown">The data.</param>
    /// <param name="width">The columns of the terminal.</param>
    public static IEnumerable<string> Lines(JsonElement shown, int width) => shown.ValueKind is JsonValueKind.Object
        ? shown.EnumerateObject().SelectMany(field => Broken($"{Name(field.Name)}: {Value(field.Value)}", width))
        : Broken(Value(shown), width);

    /// <summary>A word as it is; anything else in quotes.</summary>
    public static string Name(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? name : Quoted(name);

    /// <summary>JSON on one line, every invisible character escaped.</summary>
    public static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "(no value)",
        JsonValueKind.String => Quoted(value.GetString()!),
        _ => VisibleText.Of(value.GetRawText()),
    };

    private static string Quoted(string text) =>
        "\"" + VisibleText.Of(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)) + "\"";

    private static IEnumerable<string> Broken(string line, int width)
    {
        var room = Math.Max(width - Further.Length - 1, Narrowest);
        var part = new StringBuilder();
        var (columns, isFirst) = (0, true);
        foreach (var rune in line.EnumerateRunes())
        {
            var wide = Columns(rune);
            if (columns + wide > room)
            {
                yield return (isFirst ? Indent : Further) + part;
                part.Clear();
                (columns, isFirst) = (0, false);
            }

            part.Append(rune.ToString());
            columns += wide;
        }

        yield return (isFirst ? Indent : Further) + part;
    }

    // Terminals differ about characters beyond ASCII: two columns are never too few.
    private static int Columns(Rune rune) =>
        rune.IsAscii ? 1 : Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : 2;
}
