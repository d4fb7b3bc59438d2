using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>How a string literal is written.</summary>
/// <param name="Start">UTF-16 units before its prefix.</param>
/// <param name="Raw">Whether escapes stand for themselves.</param>
/// <param name="Octets">Whether it is a bytes literal.</param>
/// <param name="Prefix">Length of the prefix.</param>
/// <param name="Delimiter">One or three quotes.</param>
internal readonly record struct StringForm(int Start, bool Raw, bool Octets, int Prefix, string Delimiter);

/// <summary>Reads string and bytes literals (CEL langdef, "String and Bytes Values").</summary>
internal static class StringLexer
{
    internal static bool TryStart(string source, int at, out StringForm form)
    {
        var quote = at;
        var octets = source[quote] is 'b' or 'B';
        quote += octets ? 1 : 0;
        var raw = quote < source.Length && source[quote] is 'r' or 'R';
        quote += raw ? 1 : 0;
        form = default;
        if (quote >= source.Length || source[quote] is not ('"' or '\''))
        {
            return false;
        }

        var c = source[quote];
        var triple = quote + 2 < source.Length && source[quote + 1] == c && source[quote + 2] == c;
        form = new StringForm(at, raw, octets, quote - at, new string(c, triple ? 3 : 1));
        return true;
    }

    internal static Token Read(string source, ref int at, StringForm form)
    {
        at += form.Prefix + form.Delimiter.Length;
        var text = new StringBuilder();
        var octets = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        while (!source.AsSpan(at).StartsWith(form.Delimiter))
        {
            if (at >= source.Length || (form.Delimiter.Length == 1 && source[at] is '\n' or '\r'))
            {
                throw new SyntaxErrorException(form.Start, $"the string is never closed with {form.Delimiter}");
            }

            var isOctet = false;
            var rune = source[at] == '\\' && !form.Raw ? Escape(source, ref at, form.Octets, out isOctet) : Plain(source, ref at);
            if (!form.Octets)
            {
                text.Append(rune.ToString());
            }
            else if (isOctet)
            {
                octets.Add((byte)rune.Value);
            }
            else
            {
                octets.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            }
        }

        at += form.Delimiter.Length;
        return form.Octets
            ? new Token(TokenKind.Bytes, form.Start, "", octets.ToArray())
            : new Token(TokenKind.String, form.Start, text.ToString());
    }

    private static Rune Plain(string source, ref int at)
    {
        if (Rune.DecodeFromUtf16(source.AsSpan(at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
        {
            throw new SyntaxErrorException(at, "the source is not valid Unicode here (an unpaired surrogate)");
        }

        at += length;
        return rune;
    }

    private static Rune Escape(string source, ref int at, bool octets, out bool isOctet)
    {
        var start = at;
        at += 2;
        isOctet = false;
        var c = start + 1 < source.Length ? source[start + 1] : '\0';
        switch (c)
        {
            case 'a': return new Rune('\a');
            case 'b': return new Rune('\b');
            case 'f': return new Rune('\f');
            case 'n': return new Rune('\n');
            case 'r': return new Rune('\r');
            case 't': return new Rune('\t');
            case 'v': return new Rune('\v');
            case '\\' or '?' or '"' or '\'' or '`': return new Rune(c);
            case 'x' or 'X':
                isOctet = octets;
                return Hexadecimal(source, ref at, start, 2);
            case 'u': return Hexadecimal(source, ref at, start, 4);
            case 'U': return Hexadecimal(source, ref at, start, 8);
            case >= '0' and <= '3':
                isOctet = octets;
                return Octal(source, ref at, start);
            default:
                throw new SyntaxErrorException(start, "a backslash in a string starts an escape such as \\n, \\\\ or \\u00e9; in r'…' it stands for itself");
        }
    }

    private static Rune Hexadecimal(string source, ref int at, int start, int digits)
    {
        if (at + digits > source.Length
            || !uint.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw new SyntaxErrorException(start, $"this escape takes {digits} hexadecimal digits");
        }

        at += digits;
        return Rune.TryCreate(value, out var rune)
            ? rune
            : throw new SyntaxErrorException(start, "this escape is no Unicode code point (surrogates are not; write the code point itself with \\U)");
    }

    private static Rune Octal(string source, ref int at, int start)
    {
        var value = source[start + 1] - '0';
        for (var i = 0; i < 2; i++, at++)
        {
            if (at >= source.Length || source[at] is not (>= '0' and <= '7'))
            {
                throw new SyntaxErrorException(start, "an octal escape takes three digits, \\000 to \\377");
            }

            value = (value * 8) + (source[at] - '0');
        }

        return new Rune(value);
    }
}
