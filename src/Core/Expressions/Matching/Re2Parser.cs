using System.Buffers;
using System.Globalization;

namespace Countersign.Expressions;

/// <summary>
/// Reads RE2 syntax (github.com/google/re2, "Syntax"). What RE2 does not have is refused: look-around, back-references,
/// atomic groups, class subtraction; and so is what would make the automaton large. Names, captures and laziness are read
/// and mean nothing here, because only whether a match exists is asked.
/// </summary>
internal sealed class Re2Parser
{
    private const int MaxRepeat = 100;
    private const int MaxSize = 4000;
    private const int MaxDepth = 32;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private readonly string _pattern;
    private int _at;
    private int _depth;
    private bool _quoted;
    private Flags _flags;

    private Re2Parser(string pattern) => _pattern = pattern;

    private bool More => _at < _pattern.Length;

    internal static PatternPart Parse(string pattern)
    {
        var parser = new Re2Parser(pattern);
        var (part, _) = parser.Choice();
        return parser.More ? throw parser.Wrong("')' without '('") : part;
    }

    private PatternException Wrong(string message) => new(Math.Min(_at, _pattern.Length), message);

    private (PatternPart Part, int Size) Choice()
    {
        var choices = new List<PatternPart>();
        var row = new List<PatternPart>();
        var size = 1;
        while (true)
        {
            SkipQuotes();
            if (More && (_quoted || _pattern[_at] is not ('|' or ')')))
            {
                var (part, partSize) = Repeated();
                row.Add(part);
                size = Bounded(size + partSize);
                continue;
            }

            choices.Add(row.Count == 1 ? row[0] : new PatternPart.Row(row));
            if (!More || _pattern[_at] == ')')
            {
                return (choices.Count == 1 ? choices[0] : new PatternPart.Choice(choices), size);
            }

            row = [];
            size = Bounded(size + 2);
            _at++;
        }
    }

    /// <summary>Steps over <c>\Q</c> and <c>\E</c>, between which characters stand for themselves.</summary>
    private void SkipQuotes()
    {
        while (_pattern.AsSpan(_at).StartsWith(_quoted ? "\\E" : "\\Q"))
        {
            _quoted = !_quoted;
            _at += 2;
        }
    }

    private (PatternPart Part, int Size) Repeated()
    {
        var (part, size, repeatable) = Atom();
        SkipQuotes();
        for (var first = true; !_quoted && More && Quantifier() is var (least, most, length) && length > 0; first = false)
        {
            if (!first || !repeatable)
            {
                throw Wrong(repeatable ? "a repeat of a repeat needs parentheses" : "nothing stands before the repeat");
            }

            if (least > MaxRepeat || most > MaxRepeat || (most >= 0 && least > most))
            {
                throw Wrong($"a repeat counts up to {MaxRepeat}, the smaller number first");
            }

            size = Bounded((size + 1) * Math.Max(1, Math.Max(least + (most < 0 ? 1 : 0), most)));
            part = new PatternPart.Repeat(part, least, most);
            _at += length;
            _at += More && _pattern[_at] == '?' ? 1 : 0;
        }

        return (part, size);
    }

    /// <summary>The repeat at this place; length 0 if there is none. A brace that is no repeat is a character, as in RE2.</summary>
    private (int Least, int Most, int Length) Quantifier()
    {
        switch (_pattern[_at])
        {
            case '*': return (0, -1, 1);
            case '+': return (1, -1, 1);
            case '?': return (0, 1, 1);
            case '{': break;
            default: return default;
        }

        var end = _pattern.IndexOf('}', _at);
        var body = end < 0 ? default : _pattern.AsSpan(_at + 1, end - _at - 1);
        var comma = body.IndexOf(',');
        if (!Number(comma < 0 ? body : body[..comma], out var least))
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

    private (PatternPart Part, int Size, bool Repeatable) Atom()
    {
        if (_quoted)
        {
            return One(CharacterSet.Of(CodePoint(), _flags.IgnoreCase));
        }

        switch (_pattern[_at])
        {
            case '(':
                return Group();
            case '[':
                var set = new CharacterSet { IgnoreCase = _flags.IgnoreCase };
                ClassReader.Read(_pattern, ref _at, set);
                return One(set);
            case '.':
                _at++;
                return One(Any());
            case '^':
                _at++;
                return Place(_flags.Multiline ? MatchStep.LineStart : MatchStep.TextStart);
            case '$':
                _at++;
                return Place(_flags.Multiline ? MatchStep.LineEnd : MatchStep.TextEnd);
            case '*' or '+' or '?':
                throw Wrong("nothing stands before the repeat");
            case '\\':
                return Escape();
            default:
                return One(CharacterSet.Of(CodePoint(), _flags.IgnoreCase));
        }
    }

    private static (PatternPart Part, int Size, bool Repeatable) One(CharacterSet set) => (new PatternPart.One(set), 1, true);

    private static (PatternPart Part, int Size, bool Repeatable) Place(MatchStep step) => (new PatternPart.Place(step), 1, true);

    private CharacterSet Any()
    {
        var set = new CharacterSet();
        if (_flags.DotAll)
        {
            set.AddAllBut();
        }
        else
        {
            set.AddAllBut(('\n', '\n'));
        }

        return set;
    }

    private (PatternPart Part, int Size, bool Repeatable) Escape()
    {
        switch (_at + 1 < _pattern.Length ? _pattern[_at + 1] : throw Wrong("the pattern ends in '\\'"))
        {
            case 'A': return Anchor(MatchStep.TextStart);
            case 'z': return Anchor(MatchStep.TextEnd);
            case 'b': return Anchor(MatchStep.WordBoundary);
            case 'B': return Anchor(MatchStep.NoWordBoundary);
        }

        var set = new CharacterSet { IgnoreCase = _flags.IgnoreCase };
        return One(ClassReader.TryPerl(_pattern, ref _at, set)
            ? set
            : CharacterSet.Of(ClassReader.EscapedCharacter(_pattern, ref _at), _flags.IgnoreCase));
    }

    private (PatternPart Part, int Size, bool Repeatable) Anchor(MatchStep step)
    {
        _at += 2;
        return Place(step);
    }

    private (PatternPart Part, int Size, bool Repeatable) Group()
    {
        if (++_depth > MaxDepth)
        {
            throw Wrong($"groups are nested deeper than {MaxDepth}");
        }

        _at++;
        var outside = _flags;
        if (More && _pattern[_at] == '?' && GroupKind())
        {
            // Flags without a group of their own hold until the group around them ends.
            _depth--;
            return (new PatternPart.Row([]), 0, false);
        }

        var (part, size) = Choice();
        if (!More)
        {
            throw Wrong("a '(' is never closed");
        }

        _at++;
        _depth--;
        _flags = outside;
        return (part, size, true);
    }

    /// <summary>Reads what follows <c>(</c> from the question mark on; true if it only sets flags.</summary>
    private bool GroupKind()
    {
        _at++;
        var rest = _pattern.AsSpan(_at);
        if (rest.StartsWith("P<") || (rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!")))
        {
            _at += rest[0] == 'P' ? 2 : 1;
            var end = _pattern.IndexOf('>', _at);
            var name = end < 0 ? [] : _pattern.AsSpan(_at, end - _at);
            if (name.IsEmpty || name.ContainsAnyExcept(NameCharacters))
            {
                throw Wrong("a group name is made of letters, digits and '_'");
            }

            _at = end + 1;
            return false;
        }

        return ReadFlags();
    }

    private bool ReadFlags()
    {
        var (on, any) = (true, false);
        for (; More; _at++)
        {
            switch (_pattern[_at])
            {
                case 'i': _flags = _flags with { IgnoreCase = on }; break;
                case 'm': _flags = _flags with { Multiline = on }; break;
                case 's': _flags = _flags with { DotAll = on }; break;
                case 'U': break;
                case '-' when on: (on, any) = (false, false); continue;
                case ':' when any || on: _at++; return false;
                case ')' when any: _at++; return true;
                default: throw Wrong("RE2 has no such group: only (…), (?:…), (?P<name>…) and the flags i, m, s, U");
            }

            any = true;
        }

        throw Wrong("a '(' is never closed");
    }

    private int CodePoint()
    {
        var length = CodePoints.LengthAt(_pattern, _at);
        var value = length == 2 ? char.ConvertToUtf32(_pattern[_at], _pattern[_at + 1]) : _pattern[_at];
        _at += length;
        return value;
    }

    private int Bounded(int size) =>
        size <= MaxSize ? size : throw Wrong($"the pattern is larger than {MaxSize} parts once its repeats are written out");

    /// <summary>What <c>(?ims)</c> sets.</summary>
    private readonly record struct Flags(bool IgnoreCase, bool Multiline, bool DotAll);
}
