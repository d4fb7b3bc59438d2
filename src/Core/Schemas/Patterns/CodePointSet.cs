namespace Countersign.Schemas.Patterns;

/// <summary>A set of Unicode code points as sorted, disjoint, non-touching ranges. Immutable.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] ranges;

    private CodePointSet((int First, int Last)[] ranges) => this.ranges = ranges;

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = new([(0, Last)]);

    /// <summary>What <c>\w</c> and <c>\b</c> take for a word, ECMA-262, section 22.2.2.9.3.</summary>
    public static CodePointSet WordCharacters { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    public IReadOnlyList<(int First, int Last)> Ranges => ranges;

    public static CodePointSet Of(params (int First, int Last)[] parts)
    {
        (int First, int Last)[] sorted = [.. parts.OrderBy(p => p.First)];
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in sorted)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return new CodePointSet([.. merged]);
    }

    public static CodePointSet OfChars(string chars) => Of([.. chars.Select(c => ((int)c, (int)c))]);

    public CodePointSet Union(CodePointSet other) => Of([.. ranges, .. other.ranges]);

    public CodePointSet Complement()
    {
        var gaps = new List<(int First, int Last)>();
        int next = 0;
        foreach ((int first, int last) in ranges)
        {
            if (first > next)
            {
                gaps.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            gaps.Add((next, Last));
        }

        return new CodePointSet([.. gaps]);
    }

    public bool Contains(int point)
    {
        int low = 0;
        int high = ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (point < ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (point > ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
