using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>
/// Translates RE2 syntax (github.com/google/re2, "Syntax") into .NET's, which differs in what <c>$</c>, <c>\d</c>,
/// <c>\w</c> and <c>\s</c> mean and in working on UTF-16 units, and refuses all that RE2 does not have: look-around,
/// back-references, atomic groups, class subtraction. Only whether a match exists is asked, so groups do not capture.
/// </summary>
internal sealed class Re2Translator(string pattern)
{
    private const int MaxRepeat = 100;
    private const int MaxSize = 1000;
    private const int MaxDepth = 32;

    private readonly StringBuilder _out = new();
    private int _at;
    private int _depth;
    private bool _multiline;
    private bool _dotAll;

    internal (string Translated, int Size) Translate()
    {
        var size = Alternatives();
        if (_at < pattern.Length)
        {
            throw Wrong("')' without '('");
        }

        return (_out.ToString(), size);
    }

    private bool More => _at < pattern.Length;

    private PatternException Wrong(string message) => new(Math.Min(_at, pattern.Length), message);

    private int Alternatives()
    {
        var size = 0;
        while (true)
        {
            while (More && pattern[_at] is not ('|' or ')'))
            {
                size = Bounded(size + Repeated());
            }

            if (!More || pattern[_at] == ')')
            {
                return size;
            }

            _out.Append('|');
            _at++;
        }
    }

    private int Repeated()
    {
        var start = _out.Length;
        var size = Atom(out var repeatable);
        var first = true;
        while (More && Quantifier() is var (least, most, length) && length > 0)
        {
            if (!first || !repeatable)
            {
                throw Wrong(repeatable ? "a repeat of a repeat needs parentheses" : "nothing stands before the repeat");
            }

            first = false;
            if (least > MaxRepeat || most > MaxRepeat || (most >= 0 && least > most))
            {
                throw Wrong($"a repeat counts up to {MaxRepeat}, the smaller number first");
            }

            _at += length;
            var lazy = More && pattern[_at] == '?';
            _at += lazy ? 1 : 0;
            _out.Insert(start, "(?:").Append(')').Append(CultureInfo.InvariantCulture, $"{{{least},{(most < 0 ? "" : most)}}}");
            size = Bounded(Math.Max(size, 1) * Math.Max(1, Math.Max(least, most)));
        }

        return size;
    }

    /// <summary>The repeat at this place; length 0 if there is none. A brace that is no repeat is a character, as in RE2.</summary>
    private (int Least, int Most, int Length) Quantifier()
    {
        switch (pattern[_at])
        {
            case '*': return (0, -1, 1);
            case '+': return (1, -1, 1);
            case '?': return (0, 1, 1);
            case '{': break;
            default: return default;
        }

        var end = pattern.IndexOf('}', _at);
        if (end < 0)
        {
            return default;
        }

        var body = pattern.AsSpan(_at + 1, end - _at - 1);
        var comma = body.IndexOf(',');
        var low = comma < 0 ? body : body[..comma];
        if (!Number(low, out var least))
        {
            return default;
        }

        var most = least;
        if (comma >= 0)
        {
            var high = body[(comma + 1)..];
            most = -1;
            if (!high.IsEmpty && !Number(high, out most))
            {
                return default;
            }
        }

        return (least, most, end - _at + 1);
    }

    private static bool Number(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private int Atom(out bool repeatable)
    {
        repeatable = true;
        switch (pattern[_at])
        {
            case '(':
                return Group(out repeatable);
            case '[':
                return Class();
            case '.':
                _at++;
                _out.Append(_dotAll ? ClassSet.AnyCharacter : ClassSet.AnyButNewline);
                return 1;
            case '^':
                _at++;
                _out.Append(_multiline ? "(?m:^)" : "\\A");
                return 0;
            case '$':
                _at++;
                _out.Append(_multiline ? "(?m:$)" : "\\z");
                return 0;
            case '*' or '+' or '?':
                throw Wrong("nothing stands before the repeat");
            case '\\':
                return Escape(out repeatable);
            default:
                Literal(CodePoint());
                return 1;
        }
    }

    private int Group(out bool repeatable)
    {
        repeatable = true;
        if (++_depth > MaxDepth)
        {
            throw Wrong($"groups are nested deeper than {MaxDepth}");
        }

        _at++;
        var (multiline, dotAll) = (_multiline, _dotAll);
        var opening = "(?:";
        if (More && pattern[_at] == '?')
        {
            opening = GroupKind(out var setsFlags);
            if (setsFlags)
            {
                // Flags without a group hold until the group around them ends, which is what .NET does as well.
                _out.Append(opening);
                _depth--;
                repeatable = false;
                return 0;
            }
        }

        _out.Append(opening);
        var size = Alternatives();
        if (!More)
        {
            throw Wrong("a '(' is never closed");
        }

        _at++;
        _out.Append(')');
        _depth--;
        (_multiline, _dotAll) = (multiline, dotAll);
        return size;
    }

    /// <summary>Reads what follows <c>(</c> from the question mark on: a name, or flags.</summary>
    private string GroupKind(out bool setsFlags)
    {
        setsFlags = false;
        _at++;
        var rest = pattern.AsSpan(_at);
        if (rest.StartsWith("P<") || (rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!")))
        {
            _at += rest[0] == 'P' ? 2 : 1;
            var end = pattern.IndexOf('>', _at);
            var name = end < 0 ? [] : pattern.AsSpan(_at, end - _at);
            if (name.IsEmpty || name.ContainsAnyExcept(NameCharacters))
            {
                throw Wrong("a group name is made of letters, digits and '_'");
            }

            _at = end + 1;
            return "(?:";
        }

        var (ignoreCase, on, any) = (0, true, false);
        for (; More; _at++)
        {
            switch (pattern[_at])
            {
                case 'i': ignoreCase = on ? 1 : -1; break;
                case 'm': _multiline = on; break;
                case 's': _dotAll = on; break;
                case 'U': break;
                case '-' when on: on = false; continue;
                case ')' or ':' when any || (pattern[_at] == ':' && on):
                    setsFlags = pattern[_at++] == ')';
                    var flag = ignoreCase switch { 1 => "i", -1 => "-i", _ => "" };
                    return setsFlags ? (flag.Length == 0 ? "" : $"(?{flag})") : $"(?{flag}:";
                default:
                    throw Wrong("RE2 has no such group: only (…), (?:…), (?P<name>…) and the flags i, m, s, U");
            }

            any = true;
        }

        throw Wrong("a '(' is never closed");
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private int Escape(out bool repeatable)
    {
        repeatable = true;
        if (_at + 1 >= pattern.Length)
        {
            throw Wrong("the pattern ends in '\\'");
        }

        var c = pattern[_at + 1];
        switch (c)
        {
            case 'A' or 'z' or 'b' or 'B':
                _at += 2;
                _out.Append('\\').Append(c);
                return 0;
            case 'Q':
                return Quoted(out repeatable);
            default:
                var set = new ClassSet();
                if (ClassReader.TryPerl(pattern, ref _at, set))
                {
                    _out.Append(set.ToPattern(false));
                    return 1;
                }

                Literal(ClassReader.EscapedCharacter(pattern, ref _at));
                return 1;
        }
    }

    /// <summary><c>\Q…\E</c>: characters that stand for themselves.</summary>
    private int Quoted(out bool repeatable)
    {
        _at += 2;
        var size = 0;
        while (More && !pattern.AsSpan(_at).StartsWith("\\E"))
        {
            Literal(CodePoint());
            size++;
        }

        _at = Math.Min(pattern.Length, _at + 2);
        repeatable = false;
        return size;
    }

    private int Class()
    {
        var set = new ClassSet();
        var negated = ClassReader.Read(pattern, ref _at, set);
        _out.Append(set.ToPattern(negated));
        return 1;
    }

    private int CodePoint()
    {
        var length = CodePoints.LengthAt(pattern, _at);
        var value = length == 2 ? char.ConvertToUtf32(pattern[_at], pattern[_at + 1]) : pattern[_at];
        _at += length;
        return value;
    }

    private void Literal(int codePoint)
    {
        if (codePoint > 0xFFFF)
        {
            _out.Append("(?:").Append(char.ConvertFromUtf32(codePoint)).Append(')');
        }
        else
        {
            _out.Append(CultureInfo.InvariantCulture, $"\\u{codePoint:x4}");
        }
    }

    private int Bounded(int size) =>
        size <= MaxSize ? size : throw Wrong($"the pattern is larger than {MaxSize} characters once its repeats are written out");
}
