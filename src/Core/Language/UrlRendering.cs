using System.Text;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>
/// Renders a URL that is made of literal text and values. A value is data: in the path it is one segment, in the query one value, both
/// percent-encoded; in the host it is a part of a host name. Only a value that begins the URL is taken as a URL itself.
/// </summary>
internal static class UrlRendering
{
    /// <summary>Code of the error of a value that cannot be placed in a URL.</summary>
    public const string BadUrl = "api.bad-url";

    private static readonly char[] AuthorityEnds = ['/', '?', '#', '\\'];

    private enum Place
    {
        Start,
        Host,
        Path,
        Query,
    }

    /// <summary>Renders the pieces.</summary>
    /// <exception cref="ExpressionException">An expression failed, or its value cannot be placed where it stands (code <see cref="BadUrl"/>).</exception>
    public static string Render(IReadOnlyList<(string? Text, Expression? Expression)> pieces, IExpressionScope scope)
    {
        StringBuilder url = new();
        for (int index = 0; index < pieces.Count; index++)
        {
            (string? text, Expression? expression) = pieces[index];
            if (expression is null)
            {
                url.Append(text);
                continue;
            }

            CelValue value = expression.Evaluate(scope);
            string placed = Text(expression, value);
            url.Append(PlaceAfter(url.ToString()) switch
            {
                Place.Start when index + 1 < pieces.Count && pieces[index + 1].Text is { } next && next.StartsWith("://", StringComparison.Ordinal) => Scheme(expression, placed),
                Place.Start => Prefix(expression, value, placed),
                Place.Host => Host(expression, placed),
                Place.Path => Segment(expression, placed),
                _ => Uri.EscapeDataString(placed),
            });
        }

        return url.ToString();
    }

    /// <summary>Renders a URL that is one value as a whole: what it holds is the author's to encode.</summary>
    /// <exception cref="ExpressionException">The expression failed, or its value is no text (code <see cref="BadUrl"/>).</exception>
    public static string Whole(Expression expression, IExpressionScope scope)
    {
        CelValue value = expression.Evaluate(scope);
        string text = Text(expression, value);
        return value.Kind == CelKind.String ? text : throw Wrong(expression, "must be the text of an absolute http or https URL");
    }

    /// <summary>Whether the path of a URL has a segment <c>.</c> or <c>..</c>, plain or percent-encoded, which would be resolved to another path.</summary>
    public static bool HasDotSegment(string url)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        int path = url.IndexOfAny(AuthorityEnds, scheme < 0 ? 0 : scheme + 3);
        if (path < 0)
        {
            return false;
        }

        int end = url.IndexOfAny(['?', '#'], path);
        return url[path..(end < 0 ? url.Length : end)].Split('/', '\\').Any(IsDots);
    }

    private static bool IsDots(string segment) => segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..";

    private static Place PlaceAfter(string before)
    {
        if (before.Length == 0)
        {
            return Place.Start;
        }

        int scheme = before.IndexOf("://", StringComparison.Ordinal);
        int authority = scheme < 0 ? 0 : scheme + 3;
        return before.IndexOfAny(['?', '#'], authority) >= 0 ? Place.Query
            : before.IndexOfAny(AuthorityEnds, authority) >= 0 ? Place.Path
            : Place.Host;
    }

    private static string Text(Expression expression, CelValue value)
    {
        if (value.Kind == CelKind.Null)
        {
            throw Refused(expression, "is null");
        }

        string text = value.ToText();
        return text.Length > 0 ? text : throw Refused(expression, "is empty");
    }

    private static string Scheme(Expression expression, string text) => text is "http" or "https"
        ? text
        : throw Wrong(expression, "is the scheme of the URL, and must be 'http' or 'https'");

    private static string Prefix(Expression expression, CelValue value, string text)
    {
        bool fits = value.Kind == CelKind.String
            && Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.UserInfo.Length == 0
            && text.StartsWith(url.Scheme + "://", StringComparison.OrdinalIgnoreCase)
            && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '?' or '#' or '\\')
            && !HasDotSegment(text);
        return fits
            ? text
            : throw Wrong(expression, "begins the URL, and must be an absolute http or https URL without user name, query, fragment and dot segments");
    }

    private static string Host(Expression expression, string text) => text.All(c => char.IsLetterOrDigit(c) || c is '-' or '.' or '_' or ':' or '[' or ']')
        ? text
        : throw Wrong(expression, "is part of the URL's host, and must be letters, digits, '-', '.' or a port");

    private static string Segment(Expression expression, string text) => text is not ("." or "..")
        ? Uri.EscapeDataString(text)
        : throw Wrong(expression, $"is '{text}', which leads to another path");

    private static ExpressionException Refused(Expression expression, string what) =>
        Wrong(expression, $"{what}; a value in a URL must not be. Test it before the step, or give an optional parameter in 'query', where null is left out");

    private static ExpressionException Wrong(Expression expression, string what) =>
        new(BadUrl, $"In 'url' the value of '${{ {TemplateParser.Shortened(expression.Source.Trim())} }}' {what}.");
}
