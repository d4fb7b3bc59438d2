using System.Globalization;

namespace Countersign.Expressions;

/// <summary>A set of code points: ranges and Unicode categories, perhaps negated, perhaps without regard to case.</summary>
internal sealed class CharacterSet
{
    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps",
        "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private readonly List<(int From, int To)> _ranges = [];
    private readonly List<CharacterSet> _parts = [];
    private uint _categories;

    /// <summary>Whether it is the rest of all code points.</summary>
    internal bool Negated { get; set; }

    /// <summary>Whether capitals and small letters are the same (Unicode's simple case folding, without a culture).</summary>
    internal bool IgnoreCase { get; set; }

    internal static CharacterSet Of(int codePoint, bool ignoreCase)
    {
        var set = new CharacterSet { IgnoreCase = ignoreCase };
        set.Add(codePoint, codePoint);
        return set;
    }

    internal void Add(int from, int to) => _ranges.Add((from, to));

    /// <summary>Adds all but the given ranges; without regard to case, all but those in any case, as RE2 has it.</summary>
    internal void AddAllBut(params ReadOnlySpan<(int From, int To)> ranges)
    {
        var part = Rest();
        foreach (var (from, to) in ranges)
        {
            part.Add(from, to);
        }
    }

    /// <summary>Adds a general category such as <c>Lu</c>, or all that begin with a letter such as <c>L</c>.</summary>
    internal bool TryAddCategory(string name, bool negated)
    {
        uint mask = 0;
        for (var i = 0; i < Names.Length; i++)
        {
            var named = Names[i] == name || (name.Length == 1 && Names[i][0] == name[0]);
            mask |= named && Names[i] is not ("Cn" or "Cs") ? 1u << i : 0;
        }

        (negated ? Rest() : this)._categories |= mask;
        return mask != 0;
    }

    /// <summary>Adds a part that holds all but what is put into it.</summary>
    private CharacterSet Rest()
    {
        var part = new CharacterSet { Negated = true, IgnoreCase = IgnoreCase };
        _parts.Add(part);
        return part;
    }

    internal bool Contains(int codePoint)
    {
        var found = Holds(codePoint);
        if (!found && IgnoreCase)
        {
            for (var other = CaseOrbit.Next(codePoint); other != codePoint && !found; other = CaseOrbit.Next(other))
            {
                found = Holds(other);
            }
        }

        return found != Negated;
    }

    private bool Holds(int codePoint)
    {
        foreach (var (from, to) in _ranges)
        {
            if (codePoint >= from && codePoint <= to)
            {
                return true;
            }
        }

        foreach (var part in _parts)
        {
            if (part.Contains(codePoint))
            {
                return true;
            }
        }

        return _categories != 0 && (_categories & (1u << (int)CharUnicodeInfo.GetUnicodeCategory(codePoint))) != 0;
    }
}
