namespace Countersign.Schemas.Patterns;

/// <summary>
/// Reads a regular expression of ECMA-262 (2024, section 22.2.1) with the <c>u</c> flag. Two leniencies of its Annex B are
/// kept because people rely on them: escaped punctuation (<c>\-</c>) and a class escape before a hyphen (<c>[\w-.]</c>).
/// </summary>
internal sealed partial class PatternParser
{
    private const int MaxDepth = 100;

    private static readonly CodePointSet LineEnds = CodePointSet.OfChars("\n\r\u2028\u2029");

    private readonly string source;
    private readonly HashSet<string> groupNames = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Position)> namedReferences = [];
    private int at;
    private int depth;
    private int groups;
    private int highestReference;
    private int highestReferenceAt;
    private string? unknownProperty;

    private PatternParser(string source) => this.source = source;

    private bool AtEnd => at >= source.Length;

    private char Current => source[at];

    public static PatternNode Parse(string source)
    {
        var parser = new PatternParser(source);
        PatternNode node = parser.ReadAlternatives();
        if (!parser.AtEnd)
        {
            throw parser.Error("has a ) without its (");
        }

        parser.CheckReferences();
        return node;
    }

    private PatternSyntaxException Error(string message, int? position = null) => new(position ?? at, message);

    private void CheckReferences()
    {
        if (highestReference > groups)
        {
            throw Error($"refers to group {highestReference}, which does not exist", highestReferenceAt);
        }

        foreach ((string name, int position) in namedReferences)
        {
            if (!groupNames.Contains(name))
            {
                throw Error($"refers to group {name}, which does not exist", position);
            }
        }
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(source, at, text, 0, text.Length) != 0)
        {
            return false;
        }

        at += text.Length;
        return true;
    }

    private PatternNode ReadAlternatives()
    {
        if (++depth > MaxDepth)
        {
            throw Error($"is nested deeper than {MaxDepth} groups");
        }

        var parts = new List<PatternNode> { ReadSequence() };
        while (Take("|"))
        {
            parts.Add(ReadSequence());
        }

        depth--;
        return parts.Count == 1 ? parts[0] : new PatternNode.Alternatives(parts);
    }

    private PatternNode ReadSequence()
    {
        var parts = new List<PatternNode>();
        while (!AtEnd && Current is not ('|' or ')'))
        {
            int start = at;
            PatternNode part = ReadTerm(out bool repeatable);
            parts.Add(ReadRepeat(part, repeatable, start));
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private PatternNode ReadTerm(out bool repeatable)
    {
        repeatable = true;
        char first = Current;
        switch (first)
        {
            case '^':
            case '$':
                at++;
                repeatable = false;
                return new PatternNode.Anchor(first == '^' ? PatternPlace.Start : PatternPlace.End);
            case '(':
                return ReadGroup(out repeatable);
            case '[':
                return ReadClass();
            case '.':
                at++;
                return new PatternNode.OneOf(LineEnds.Complement());
            case '\\':
                return ReadEscape(out repeatable);
            case '*' or '+' or '?':
                throw Error($"has a {first} with nothing before it to repeat");
            case '{' or '}' or ']':
                throw Error($"has a {first} on its own; write \\{first} for the character");
            default:
                return Single(ReadPoint());
        }
    }

    private static PatternNode.OneOf Single(int point) => new(CodePointSet.Of((point, point)));

    private int ReadPoint()
    {
        int point = char.IsHighSurrogate(Current) && at + 1 < source.Length && char.IsLowSurrogate(source[at + 1])
            ? char.ConvertToUtf32(source, at)
            : Current;
        at += point > 0xFFFF ? 2 : 1;
        return point;
    }

    private PatternNode ReadGroup(out bool repeatable)
    {
        int start = at++;
        string? look = null;
        if (Take("?"))
        {
            look = Array.Find(["=", "!", "<=", "<!"], Take);
            if (look is null && !Take(":"))
            {
                ReadGroupName(start);
            }
        }
        else
        {
            groups++;
        }

        PatternNode inner = ReadAlternatives();
        if (!Take(")"))
        {
            throw Error("has a ( without its )", start);
        }

        repeatable = look is null;
        return look is null ? inner : new PatternNode.Unsupported(look[0] == '<' ? "lookbehind" : "lookahead", inner);
    }

    private void ReadGroupName(int start)
    {
        if (!Take("<"))
        {
            throw Error("has a group that starts with (? and is none of (?: (?= (?! (?<= (?<! (?<name>", start);
        }

        groups++;
        if (!groupNames.Add(ReadName()))
        {
            throw Error("gives two groups one name", start);
        }
    }

    private string ReadName()
    {
        int start = at;
        while (!AtEnd && (char.IsLetterOrDigit(Current) || Current is '_' or '$'))
        {
            at++;
        }

        string name = source[start..at];
        if (name.Length == 0 || char.IsDigit(name[0]) || !Take(">"))
        {
            throw Error("has a group name that is not an identifier in < >", start);
        }

        return name;
    }

    private PatternNode ReadRepeat(PatternNode part, bool repeatable, int start)
    {
        (int Least, int? Most)? bounds = AtEnd ? null : Current switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            '{' => ReadBounds(),
            _ => null,
        };
        if (bounds is null)
        {
            return part;
        }

        if (!repeatable)
        {
            throw Error("repeats something that has no text of its own", start);
        }

        at++;
        Take("?");
        return new PatternNode.Repeat(part, bounds.Value.Least, bounds.Value.Most);
    }

    private (int Least, int? Most) ReadBounds()
    {
        int start = at++;
        int? least = ReadNumber();
        int? most = least;
        if (Take(","))
        {
            most = ReadNumber();
        }

        if (least is null || AtEnd || Current != '}')
        {
            throw Error("has a { that starts no repeat; write \\{ for the character", start);
        }

        if (most < least)
        {
            throw Error("has a repeat whose bounds are out of order", start);
        }

        return (least.Value, most);
    }

    private int? ReadNumber()
    {
        int start = at;
        int value = 0;
        while (!AtEnd && char.IsAsciiDigit(Current))
        {
            value = Math.Min(1_000_000, (value * 10) + (Current - '0'));
            at++;
        }

        return at == start ? null : value;
    }
}
