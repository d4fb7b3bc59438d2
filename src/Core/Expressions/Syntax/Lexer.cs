namespace Countersign.Expressions;

/// <summary>Cuts a source into tokens (CEL langdef, "Syntax"; backticks quote field names as in <c>a.`b-c`</c>).</summary>
internal sealed class Lexer(string source, int start = 0)
{
    private static readonly string[] Symbols =
    [
        "==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "+", "-", "*", "/", "%", "!", "<", ">",
    ];

    private int _at = start;

    internal Token Next()
    {
        SkipBlanks();
        if (_at >= source.Length)
        {
            return new Token(TokenKind.End, source.Length, "");
        }

        var c = source[_at];
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return Number();
        }

        if (StringLexer.TryStart(source, _at, out var form))
        {
            return StringLexer.Read(source, ref _at, form);
        }

        if (IsNameStart(c))
        {
            var start = _at;
            while (_at < source.Length && IsNamePart(source[_at]))
            {
                _at++;
            }

            return new Token(TokenKind.Name, start, source[start.._at]);
        }

        return c == '`' ? Backticked() : Symbol();
    }

    internal static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    internal static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private char Peek(int ahead) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private void SkipBlanks()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (source[_at] == '/' && Peek(1) == '/')
            {
                var end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Number()
    {
        var start = _at;
        var kind = TokenKind.Int;
        if (source[_at] == '0' && Peek(1) is 'x' && char.IsAsciiHexDigit(Peek(2)))
        {
            _at += 2;
            Skip(char.IsAsciiHexDigit);
        }
        else
        {
            Skip(char.IsAsciiDigit);
            if (_at < source.Length && source[_at] == '.' && char.IsAsciiDigit(Peek(1)))
            {
                kind = TokenKind.Double;
                _at++;
                Skip(char.IsAsciiDigit);
            }

            if (_at < source.Length && source[_at] is 'e' or 'E')
            {
                var sign = Peek(1) is '+' or '-' ? 1 : 0;
                if (char.IsAsciiDigit(Peek(1 + sign)))
                {
                    kind = TokenKind.Double;
                    _at += 1 + sign;
                    Skip(char.IsAsciiDigit);
                }
            }
        }

        var text = source[start.._at];
        if (kind == TokenKind.Int && _at < source.Length && source[_at] is 'u' or 'U')
        {
            kind = TokenKind.Uint;
            _at++;
        }

        return _at < source.Length && IsNamePart(source[_at])
            ? throw new SyntaxErrorException(start, $"'{Access.Clip(source[start..(_at + 1)])}' is no number")
            : new Token(kind, start, text);
    }

    private void Skip(Func<char, bool> while_)
    {
        while (_at < source.Length && while_(source[_at]))
        {
            _at++;
        }
    }

    private Token Backticked()
    {
        var start = _at++;
        while (_at < source.Length && IsBackticked(source[_at]))
        {
            _at++;
        }

        if (_at >= source.Length || source[_at] != '`' || _at == start + 1)
        {
            throw new SyntaxErrorException(start, "between backticks stands a field name of letters, digits and _ . - / and blanks");
        }

        _at++;
        return new Token(TokenKind.Quoted, start, source[(start + 1)..(_at - 1)]);
    }

    internal static bool IsBackticked(char c) => IsNamePart(c) || c is '.' or '-' or '/' or ' ';

    private Token Symbol()
    {
        foreach (var symbol in Symbols)
        {
            if (source.AsSpan(_at).StartsWith(symbol))
            {
                _at += symbol.Length;
                return new Token(TokenKind.Symbol, _at - symbol.Length, symbol);
            }
        }

        var hint = source[_at] switch
        {
            '=' => "; to compare write ==",
            '&' => "; write &&",
            '|' => "; write ||",
            '$' => "; ${ } belongs to templates, and inside it stands the expression alone",
            '\u201C' or '\u201D' or '\u2018' or '\u2019' => "; write straight quotes",
            _ => "",
        };
        var shown = char.IsControl(source[_at]) || char.IsSurrogate(source[_at]) ? "this character" : $"'{source[_at]}'";
        throw new SyntaxErrorException(_at, $"{shown} has no meaning here{hint}");
    }
}
