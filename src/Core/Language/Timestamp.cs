using System.Globalization;

namespace Countersign.Language;

/// <summary>Moments as documents write them: RFC 3339, with an offset.</summary>
public static class Timestamp
{
    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Whether a text is a moment such as <c>2026-01-31T12:00:00Z</c>.</summary>
    public static bool IsRfc3339(string text) => TryParse(text, out _);

    /// <summary>Reads a moment. A text without an offset is none, because it means another moment in every place.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
        => DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out moment)
            && (text.EndsWith('Z') || text.AsSpan(19).IndexOfAny('+', '-') >= 0);
}
