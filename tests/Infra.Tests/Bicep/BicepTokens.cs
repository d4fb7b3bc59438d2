using System.Text;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>Kinds of tokens.</summary>
internal enum TokenKind
{
    Word,
    Number,
    Text,
    Symbol,
    Line,
    End,
}

/// <summary>A token. Of a text, <see cref="Value"/> is what stands between its quotes, escapes included.</summary>
internal readonly record struct Token(TokenKind Kind, string Value, int Line);

/// <summary>Cuts a Bicep file into tokens.</summary>
internal static class BicepTokens
{
    private static readonly string[] Symbols =
        ["...", "::", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", ".?", "{", "}", "[", "]", "(", ")", ":", ",", ".", "=", "?", "@", "|", "+", "-", "*", "/", "%", "!", "<", ">"];

    public static List<Token> Of(string source, string file)
    {
        var tokens = new List<Token>();
        var line = 1;
        for (var at = 0; at < source.Length;)
        {
            var c = source[at];
            if (c == '\n')
            {
                tokens.Add(new Token(TokenKind.Line, "", line++));
                at++;
            }
            else if (c is ' ' or '\r')
            {
                at++;
            }
            else if (c == '/' && at + 1 < source.Length && source[at + 1] == '/')
            {
                at = source.IndexOf('\n', at) is var end and >= 0 ? end : source.Length;
            }
            else
            {
                var token = Next(source, at, line) ?? throw new FormatException($"{file}({line}): '{c}' begins nothing.");
                tokens.Add(token);
                at += token.Value.Length + (token.Kind == TokenKind.Text ? 2 : 0);
            }
        }

        tokens.Add(new Token(TokenKind.End, "", line));
        return tokens;
    }

    private static Token? Next(string source, int at, int line)
    {
        if (source[at] == '\'')
        {
            return new Token(TokenKind.Text, source[(at + 1)..TextEnd(source, at + 1, line)], line);
        }

        if (char.IsAsciiLetter(source[at]) || source[at] == '_')
        {
            return new Token(TokenKind.Word, Run(source, at, c => char.IsAsciiLetterOrDigit(c) || c == '_'), line);
        }

        return char.IsAsciiDigit(source[at])
            ? new Token(TokenKind.Number, Run(source, at, char.IsAsciiDigit), line)
            : Array.Find(Symbols, symbol => string.CompareOrdinal(source, at, symbol, 0, symbol.Length) == 0) is { } found ? new Token(TokenKind.Symbol, found, line) : null;
    }

    // A text ends at its quote, but not at one within an expression of it.
    private static int TextEnd(string source, int at, int line)
    {
        for (; at < source.Length && source[at] != '\n'; at++)
        {
            if (source[at] == '\\')
            {
                at++;
            }
            else if (source[at] == '$' && source[at + 1] == '{')
            {
                at = ExpressionEnd(source, at + 2, line);
            }
            else if (source[at] == '\'')
            {
                return at;
            }
        }

        throw new FormatException($"line {line}: a text does not end.");
    }

    public static int ExpressionEnd(string source, int at, int line)
    {
        for (var depth = 1; at < source.Length; at++)
        {
            depth += source[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return at;
            }

            if (source[at] == '\'')
            {
                at = TextEnd(source, at + 1, line);
            }
        }

        throw new FormatException($"line {line}: an expression does not end.");
    }

    private static string Run(string source, int at, Func<char, bool> belongs)
    {
        var run = new StringBuilder();
        while (at < source.Length && belongs(source[at]))
        {
            run.Append(source[at++]);
        }

        return run.ToString();
    }
}
