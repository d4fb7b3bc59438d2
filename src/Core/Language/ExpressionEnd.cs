using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>Finds where an expression inside a text ends. It reads tokens as the expression parser does, so that strings, comments and quoted names mean the same to both.</summary>
internal static class ExpressionEnd
{
    /// <summary>Finds the closing brace of an expression. O(length of the expression).</summary>
    /// <param name="text">The text that holds the expression.</param>
    /// <param name="start">Index of the first character of the expression.</param>
    /// <param name="closer">What ends it: <c>}</c> or <c>}}</c>.</param>
    /// <returns>The index of the closer, or -1 where there is none.</returns>
    public static int Find(string text, int start, string closer)
    {
        var depth = 0;
        Lexer lexer = new(text, start);
        while (true)
        {
            Token token;
            try
            {
                token = lexer.Next();
            }
            catch (SyntaxErrorException error)
            {
                // The expression cannot be read, wherever it ends; the parser reports why.
                return text.IndexOf(closer, Math.Max(start, Math.Min(error.Offset, text.Length)), StringComparison.Ordinal);
            }

            switch (token)
            {
                case { Kind: TokenKind.End }:
                    return -1;
                case { Kind: TokenKind.Symbol, Text: "{" }:
                    depth++;
                    break;
                case { Kind: TokenKind.Symbol, Text: "}" } when depth > 0:
                    depth--;
                    break;
                case { Kind: TokenKind.Symbol, Text: "}" }:
                    return text.AsSpan(token.Offset).StartsWith(closer) ? token.Offset : -1;
            }
        }
    }
}
