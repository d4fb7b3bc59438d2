using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>A set of code points, and Unicode categories of the basic plane, on its way to a .NET pattern.</summary>
internal sealed class ClassSet
{
    /// <summary>One code point, as one unit or a surrogate pair.</summary>
    internal const string AnyCharacter = @"(?:[^\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])";

    /// <summary>The same without a line feed.</summary>
    internal const string AnyButNewline = @"(?:[^\n\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])";

    private readonly List<(int From, int To)> _ranges = [];
    private readonly StringBuilder _categories = new();

    internal void Add(int from, int to) => _ranges.Add((from, to));

    /// <summary>Categories are known for the basic plane; characters beyond it are in none of them, so in each negated one.</summary>
    internal void AddCategory(string name, bool negated)
    {
        _categories.Append(negated ? "\\P{" : "\\p{").Append(name).Append('}');
        if (negated)
        {
            Add(0x10000, 0x10FFFF);
        }
    }

    /// <summary>Adds all but the given ranges, which are in order.</summary>
    internal void AddAllBut(params ReadOnlySpan<(int From, int To)> ranges)
    {
        var next = 0;
        foreach (var (from, to) in ranges)
        {
            if (from > next)
            {
                Add(next, from - 1);
            }

            next = to + 1;
        }

        Add(next, 0x10FFFF);
    }

    internal string ToPattern(bool negated)
    {
        var (basic, astral) = Split(negated ? Complement(Merged()) : Merged());
        var parts = new List<string>();
        if (negated && _categories.Length > 0)
        {
            // Ranges and categories negate differently, so that the whole set is written as it stands.
            var inside = Split(Merged()).Basic;
            parts.Add($"[^{inside}{_categories}\\ud800-\\udfff]");
        }
        else if (basic.Length > 0 || _categories.Length > 0)
        {
            parts.Add(_categories.Length == 0 ? $"[{basic}]" : $"[{basic}{_categories}-[\\ud800-\\udfff]]");
        }

        parts.AddRange(astral);
        return parts.Count == 0 ? "[^\\u0000-\\uffff]" : parts.Count == 1 ? parts[0] : $"(?:{string.Join('|', parts)})";
    }

    private List<(int From, int To)> Merged()
    {
        var sorted = _ranges.OrderBy(range => range.From).ToList();
        var merged = new List<(int From, int To)>();
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.From <= merged[^1].To + 1)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, range.To));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static List<(int From, int To)> Complement(List<(int From, int To)> ranges)
    {
        var rest = new ClassSet();
        rest.AddAllBut(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ranges));
        return rest._ranges.Where(range => range.From <= range.To).ToList();
    }

    /// <summary>The part that is one UTF-16 unit as ranges of a class, and the rest as alternatives of surrogate pairs.</summary>
    private static (string Basic, List<string> Astral) Split(List<(int From, int To)> ranges)
    {
        var basic = new StringBuilder();
        var astral = new List<string>();
        foreach (var (from, to) in ranges)
        {
            AppendUnits(basic, from, Math.Min(to, 0xD7FF));
            AppendUnits(basic, Math.Max(from, 0xE000), Math.Min(to, 0xFFFF));
            if (to > 0xFFFF)
            {
                AddPairs(astral, Math.Max(from, 0x10000) - 0x10000, to - 0x10000);
            }
        }

        return (basic.ToString(), astral);
    }

    private static void AppendUnits(StringBuilder text, int from, int to)
    {
        if (from <= to)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\u{from:x4}-\\u{to:x4}");
        }
    }

    private static void AddPairs(List<string> astral, int from, int to)
    {
        int highFrom = from >> 10, highTo = to >> 10, lowFrom = from & 0x3FF, lowTo = to & 0x3FF;
        if (highFrom == highTo)
        {
            astral.Add(Pair(highFrom, highFrom, lowFrom, lowTo));
            return;
        }

        astral.Add(Pair(highFrom, highFrom, lowFrom, 0x3FF));
        if (highTo - highFrom > 1)
        {
            astral.Add(Pair(highFrom + 1, highTo - 1, 0, 0x3FF));
        }

        astral.Add(Pair(highTo, highTo, 0, lowTo));
    }

    private static string Pair(int highFrom, int highTo, int lowFrom, int lowTo) => string.Create(
        CultureInfo.InvariantCulture,
        $"[\\u{0xD800 + highFrom:x4}-\\u{0xD800 + highTo:x4}][\\u{0xDC00 + lowFrom:x4}-\\u{0xDC00 + lowTo:x4}]");
}

/// <summary>Reads character classes and escapes of RE2 patterns.</summary>
internal static class ClassReader
{
    private static readonly string[] Categories =
    [
        "C", "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
        "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    ];

    /// <summary>Reads <c>[…]</c>; returns whether it is negated.</summary>
    internal static bool Read(string pattern, ref int at, ClassSet set)
    {
        var start = at++;
        var negated = at < pattern.Length && pattern[at] == '^';
        at += negated ? 1 : 0;
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
                return negated;
            }

            first = false;
            Item(pattern, ref at, set);
        }
    }

    /// <summary>Reads <c>\d</c>, <c>\W</c>, <c>\pL</c>, <c>\p{Lu}</c> and the like.</summary>
    internal static bool TryPerl(string pattern, ref int at, ClassSet set)
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

    private static void AddAll(ClassSet set, (int From, int To)[] ranges)
    {
        foreach (var (from, to) in ranges)
        {
            set.Add(from, to);
        }
    }

    private static void Item(string pattern, ref int at, ClassSet set)
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

    private static bool Category(string pattern, ref int at, ClassSet set)
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

        if (!Categories.Contains(name))
        {
            throw new PatternException(start, "only Unicode categories such as \\p{L} or \\p{Lu} are known, not scripts");
        }

        set.AddCategory(name, negated);
        return true;
    }

    private static void Posix(string pattern, ref int at, ClassSet set)
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
