using System.Globalization;
using System.Text;

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
    private uint _categories;

    /// <summary>Whether it is the rest of all code points.</summary>
    internal bool Negated { get; set; }

    /// <summary>Whether capitals and small letters are the same (simple case mapping, without a culture).</summary>
    internal bool IgnoreCase { get; set; }

    internal static CharacterSet Of(int codePoint, bool ignoreCase)
    {
        var set = new CharacterSet { IgnoreCase = ignoreCase };
        set.Add(codePoint, codePoint);
        return set;
    }

    internal void Add(int from, int to) => _ranges.Add((from, to));

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

    /// <summary>Adds a general category such as <c>Lu</c>, or all that begin with a letter such as <c>L</c>.</summary>
    internal bool TryAddCategory(string name, bool negated)
    {
        uint mask = 0;
        for (var i = 0; i < Names.Length; i++)
        {
            var named = Names[i] == name || (name.Length == 1 && Names[i][0] == name[0]);
            mask |= named && Names[i] is not ("Cn" or "Cs") ? 1u << i : 0;
        }

        _categories |= negated ? ~mask : mask;
        return mask != 0;
    }

    internal bool Contains(int codePoint)
    {
        var found = Holds(codePoint);
        if (!found && IgnoreCase && Rune.TryCreate(codePoint, out var rune))
        {
            var upper = Rune.ToUpperInvariant(rune);
            found = Holds(upper.Value) || Holds(Rune.ToLowerInvariant(rune).Value) || Holds(Rune.ToLowerInvariant(upper).Value);
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

        return _categories != 0 && (_categories & (1u << (int)CharUnicodeInfo.GetUnicodeCategory(codePoint))) != 0;
    }
}
