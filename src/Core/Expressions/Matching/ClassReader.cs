using System.Globalization;

namespace Countersign.Expressions;

/// <summary>Reads character classes and escapes of RE2 patterns.</summary>
internal static class ClassReader
{
    /// <summary>Reads <c>[…]</c>.</summary>
    internal static void Read(string pattern, ref int at, CharacterSet set)
    {
        var start = at++;
        set.Negated = at < pattern.Length && pattern[at] == '^';
        at += set.Negated ? 1 : 0;
        var first = true;
        while (true)
        {
            if (at >= pattern.Length)
            {
                throw new PatternException(start, "a '[' is never closed");
            }

            if (pattern[at] == ']' && !first)
            {
                at++;
                return;
            }

            first = false;
            Item(pattern, ref at, set);
        }
    }

    /// <summary>Reads <c>\d</c>, <c>\W</c>, <c>\pL</c>, <c>\p{Lu}</c> and the like.</summary>
    internal static bool TryPerl(string pattern, ref int at, CharacterSet set)
    {
        switch (at + 1 < pattern.Length ? pattern[at + 1] : '\0')
        {
            case 'd': set.Add('0', '9'); break;
            case 'D': set.AddAllBut(('0', '9')); break;
            case 's': AddAll(set, Space); break;
            case 'S': set.AddAllBut(Space); break;
            case 'w': AddAll(set, Word); break;
            case 'W': set.AddAllBut(Word); break;
            case 'p' or 'P': return Category(pattern, ref at, set);
            default: return false;
        }

        at += 2;
        return true;
    }

    /// <summary>Reads <c>\n</c>, <c>\x41</c>, <c>\x{1F600}</c>, <c>\101</c>, or a punctuation mark that stands for itself.</summary>
    internal static int EscapedCharacter(string pattern, ref int at)
    {
        var start = at;
        at += 2;
        var c = start + 1 < pattern.Length ? pattern[start + 1] : throw new PatternException(start, "the pattern ends in '\\'");
        switch (c)
        {
            case 'a': return 7;
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
            case 'x': return Hexadecimal(pattern, ref at, start);
            case >= '0' and <= '7': return Octal(pattern, ref at, start);
        }

        return char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c)
            ? c
            : throw new PatternException(start, $"RE2 has no '\\{c}' here");
    }

    private static (int From, int To)[] Space => [('\t', '\n'), ('\f', '\r'), (' ', ' ')];

    private static (int From, int To)[] Word => [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    private static void AddAll(CharacterSet set, (int From, int To)[] ranges)
    {
        foreach (var (from, to) in ranges)
        {
            set.Add(from, to);
        }
    }

    private static void Item(string pattern, ref int at, CharacterSet set)
    {
        if (pattern.AsSpan(at).StartsWith("[:"))
        {
            Posix(pattern, ref at, set);
            return;
        }

        if (pattern[at] == '\\' && TryPerl(pattern, ref at, set))
        {
            return;
        }

        var start = at;
        var from = Character(pattern, ref at);
        var to = from;
        if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
        {
            at++;
            to = Character(pattern, ref at);
        }

        if (to < from)
        {
            throw new PatternException(start, "a range runs from the smaller character to the larger");
        }

        set.Add(from, to);
    }

    private static int Character(string pattern, ref int at)
    {
        if (pattern[at] == '\\')
        {
            return EscapedCharacter(pattern, ref at);
        }

        var length = CodePoints.LengthAt(pattern, at);
        var value = length == 2 ? char.ConvertToUtf32(pattern[at], pattern[at + 1]) : pattern[at];
        at += length;
        return value;
    }

    private static bool Category(string pattern, ref int at, CharacterSet set)
    {
        var start = at;
        var negated = pattern[at + 1] == 'P';
        at += 2;
        string name;
        if (at < pattern.Length && pattern[at] == '{')
        {
            var end = pattern.IndexOf('}', at);
            name = end < 0 ? "" : pattern[(at + 1)..end];
            at = end + 1;
            if (name.StartsWith('^'))
            {
                negated = !negated;
                name = name[1..];
            }
        }
        else
        {
            name = at < pattern.Length ? pattern[at].ToString() : "";
            at++;
        }

        return set.TryAddCategory(name, negated)
            ? true
            : throw new PatternException(start, "only Unicode categories such as \\p{L} or \\p{Lu} are known, not scripts");
    }

    private static void Posix(string pattern, ref int at, CharacterSet set)
    {
        var end = pattern.IndexOf(":]", at, StringComparison.Ordinal);
        var name = end < 0 ? "" : pattern[(at + 2)..end];
        var negated = name.StartsWith('^');
        (int From, int To)[]? ranges = name.TrimStart('^') switch
        {
            "alnum" => [('0', '9'), ('A', 'Z'), ('a', 'z')],
            "alpha" => [('A', 'Z'), ('a', 'z')],
            "ascii" => [(0, 0x7F)],
            "blank" => [('\t', '\t'), (' ', ' ')],
            "cntrl" => [(0, 0x1F), (0x7F, 0x7F)],
            "digit" => [('0', '9')],
            "graph" => [('!', '~')],
            "lower" => [('a', 'z')],
            "print" => [(' ', '~')],
            "punct" => [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "space" => [('\t', '\r'), (' ', ' ')],
            "upper" => [('A', 'Z')],
            "word" => Word,
            "xdigit" => [('0', '9'), ('A', 'F'), ('a', 'f')],
            _ => null,
        };
        if (ranges is null)
        {
            throw new PatternException(at, "there is no such class in [: :]");
        }

        if (negated)
        {
            set.AddAllBut(ranges);
        }
        else
        {
            AddAll(set, ranges);
        }

        at = end + 2;
    }

    private static int Hexadecimal(string pattern, ref int at, int start)
    {
        var braced = at < pattern.Length && pattern[at] == '{';
        var end = braced ? pattern.IndexOf('}', at) : Math.Min(pattern.Length, at + 2);
        var digits = end < 0 ? [] : pattern.AsSpan(braced ? at + 1 : at, end - at - (braced ? 1 : 0));
        if (digits.Length is 0 or > 8 || (!braced && digits.Length != 2)
            || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
        {
            throw new PatternException(start, "'\\x' takes two hexadecimal digits, or a code point in { }");
        }

        at = end + (braced ? 1 : 0);
        return value;
    }

    private static int Octal(string pattern, ref int at, int start)
    {
        var value = pattern[at - 1] - '0';
        var digits = 1;
        for (; digits < 3 && at < pattern.Length && pattern[at] is >= '0' and <= '7'; digits++)
        {
            value = (value * 8) + pattern[at++] - '0';
        }

        // A single digit other than 0 would be a back-reference.
        return digits > 1 || value == 0 ? value : throw new PatternException(start, "RE2 has no back-references");
    }
}
