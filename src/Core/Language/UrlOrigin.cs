using System.Text;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>Finds what decides where a call goes: the part of a URL before its path.</summary>
internal static class UrlOrigin
{
    private static readonly char[] Ends = ['/', '?', '#', '\\'];

    public static IEnumerable<Expression> ExpressionsIn(TemplatePart url)
    {
        if (url is ValuePart whole)
        {
            yield return whole.Expression;
        }

        if (url is not JoinedPart joined)
        {
            yield break;
        }

        StringBuilder before = new();
        foreach ((string? text, Expression? expression) in joined.Pieces)
        {
            if (HasEnded(before.ToString()))
            {
                yield break;
            }

            if (expression is not null)
            {
                yield return expression;
            }

            before.Append(text ?? "\0");
        }
    }

    /// <summary>Whether the origin is over. A URL that begins with an expression has its scheme from there.</summary>
    private static bool HasEnded(string before)
    {
        int scheme = before.IndexOf("://", StringComparison.Ordinal);
        int start = scheme >= 0 ? scheme + 3 : before.StartsWith('\0') ? 1 : -1;
        return start >= 0 && before.IndexOfAny(Ends, start) >= 0;
    }
}
