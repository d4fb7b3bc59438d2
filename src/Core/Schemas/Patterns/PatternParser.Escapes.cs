using System.Globalization;

namespace Countersign.Schemas.Patterns;

internal sealed partial class PatternParser
{
    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));

    // WhiteSpace and LineTerminator of ECMA-262, sections 12.2 and 12.3.
    private static readonly CodePointSet Spaces = CodePointSet.OfChars(
        "\t\n\v\f\r \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF");

    private PatternNode ReadEscape(out bool repeatable)
    {
        int start = at++;
        if (AtEnd)
        {
            throw Error("ends in a single \\", start);
        }

        char kind = Current;
        repeatable = kind is not ('b' or 'B');
        if (!repeatable)
        {
            at++;
            return new PatternNode.Anchor(kind == 'b' ? PatternPlace.WordBoundary : PatternPlace.NotWordBoundary);
        }

        if (kind is >= '1' and <= '9')
        {
            int group = ReadNumber()!.Value;
            highestReferenceAt = group > highestReference ? start : highestReferenceAt;
            highestReference = Math.Max(group, highestReference);
            return new PatternNode.Unsupported("a back-reference");
        }

        if (kind == 'k')
        {
            at++;
            if (!Take("<"))
            {
                throw Error("has a \\k without <name>", start);
            }

            namedReferences.Add((ReadName(), start));
            return new PatternNode.Unsupported("a back-reference");
        }

        if (kind is 'p' or 'P')
        {
            return ReadPropertyEscape(out string name) is { } property
                ? new PatternNode.OneOf(property)
                : new PatternNode.Unsupported($"the Unicode property {name}");
        }

        return ReadClassEscape() is { } set ? new PatternNode.OneOf(set) : Single(ReadCharacterEscape(start, inClass: false));
    }

    /// <summary>Reads d, D, w, W, s or S after its backslash; null, and nothing read, for any other.</summary>
    private CodePointSet? ReadClassEscape()
    {
        CodePointSet? set = Current switch
        {
            'd' => Digits,
            'D' => Digits.Complement(),
            'w' => CodePointSet.WordCharacters,
            'W' => CodePointSet.WordCharacters.Complement(),
            's' => Spaces,
            'S' => Spaces.Complement(),
            _ => null,
        };
        at += set is null ? 0 : 1;
        return set;
    }

    private CodePointSet? ReadPropertyEscape(out string name)
    {
        int start = at;
        bool negated = Current == 'P';
        at++;
        int end = Take("{") ? source.IndexOf('}', at) : -1;
        if (end <= at || !source.AsSpan(at, end - at).TrimStart("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=").IsEmpty)
        {
            throw Error($"has a \\{source[start]} without {{property}}", start);
        }

        name = source[at..end];
        at = end + 1;
        CodePointSet? set = UnicodeProperties.Find(name);
        return negated ? set?.Complement() : set;
    }

    private int ReadCharacterEscape(int start, bool inClass)
    {
        char kind = Current;
        at++;
        switch (kind)
        {
            case 't': return '\t';
            case 'n': return '\n';
            case 'v': return '\v';
            case 'f': return '\f';
            case 'r': return '\r';
            case 'b' when inClass: return '\b';
            case '0' when AtEnd || !char.IsAsciiDigit(Current): return 0;
            case 'c' when !AtEnd && char.IsAsciiLetter(Current): return source[at++] & 0x1F;
            case 'x': return ReadHex(2, start);
            case 'u': return ReadUnicodeEscape(start);
        }

        if (char.IsAscii(kind) && !char.IsAsciiLetterOrDigit(kind) && !char.IsControl(kind) && kind != '_')
        {
            return kind;
        }

        throw Error($"has an escape \\{kind} that ECMA-262 does not know", start);
    }

    private int ReadHex(int digits, int start)
    {
        if (at + digits > source.Length
            || !int.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
        {
            throw Error($"has an escape that needs {digits} hexadecimal digits", start);
        }

        at += digits;
        return value;
    }

    private int ReadUnicodeEscape(int start)
    {
        if (Take("{"))
        {
            int end = source.IndexOf('}', at);
            if (end <= at
                || !int.TryParse(source.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
                || point is < 0 or > CodePointSet.Last)
            {
                throw Error("has a \\u{…} that is no code point", start);
            }

            at = end + 1;
            return point;
        }

        int unit = ReadHex(4, start);
        int mark = at;
        if (char.IsHighSurrogate((char)unit) && Take("\\u") && !AtEnd && Current != '{')
        {
            int low = ReadHex(4, start);
            if (char.IsLowSurrogate((char)low))
            {
                return char.ConvertToUtf32((char)unit, (char)low);
            }
        }

        at = mark;
        return unit;
    }

    private PatternNode ReadClass()
    {
        int start = at++;
        bool negated = Take("^");
        var parts = new List<(int First, int Last)>();
        unknownProperty = null;
        while (!Take("]"))
        {
            ReadClassPart(start, parts);
        }

        if (unknownProperty is not null)
        {
            return new PatternNode.Unsupported($"the Unicode property {unknownProperty}");
        }

        CodePointSet set = CodePointSet.Of([.. parts]);
        return new PatternNode.OneOf(negated ? set.Complement() : set);
    }

    private void ReadClassPart(int start, List<(int First, int Last)> parts)
    {
        int partStart = at;
        CodePointSet first = ReadClassAtom(start, out int low);
        if (at + 1 >= source.Length || Current != '-' || source[at + 1] == ']')
        {
            parts.AddRange(first.Ranges);
            return;
        }

        at++;
        CodePointSet last = ReadClassAtom(start, out int high);
        if (low >= 0 && high >= 0)
        {
            parts.Add(low <= high ? (low, high) : throw Error("has a range whose ends are out of order", partStart));
            return;
        }

        parts.AddRange(first.Ranges);
        parts.AddRange(last.Ranges);
        parts.Add(('-', '-'));
    }

    /// <summary>One member of a class; <paramref name="point"/> is -1 where it is a set of its own.</summary>
    private CodePointSet ReadClassAtom(int classStart, out int point)
    {
        if (AtEnd)
        {
            throw Error("has a [ without its ]", classStart);
        }

        point = -1;
        if (Current != '\\')
        {
            point = ReadPoint();
            return CodePointSet.Of((point, point));
        }

        int start = at++;
        if (AtEnd)
        {
            throw Error("ends in a single \\", start);
        }

        if (Current is 'p' or 'P')
        {
            CodePointSet? property = ReadPropertyEscape(out string name);
            unknownProperty = property is null ? name : unknownProperty;
            return property ?? CodePointSet.Empty;
        }

        if (ReadClassEscape() is { } set)
        {
            return set;
        }

        point = ReadCharacterEscape(start, inClass: true);
        return CodePointSet.Of((point, point));
    }
}
