namespace Countersign.Schemas.Patterns;

/// <summary>
/// Unicode as far as one pattern can tell its code points apart: each class of indistinguishable code points is one letter,
/// a small number. Matching letters instead of code points makes any set of them a few bits.
/// </summary>
internal sealed class PatternAlphabet
{
    private readonly int[] starts;
    private readonly ushort[] letters;
    private readonly ushort[] ascii;
    private readonly bool[] words;

    public PatternAlphabet(IEnumerable<CodePointSet> sets)
    {
        CodePointSet[] all = [CodePointSet.WordCharacters, .. sets];
        starts = [.. all.SelectMany(s => s.Ranges).SelectMany(r => new[] { r.First, r.Last + 1 })
            .Append(0).Where(p => p <= CodePointSet.Last).Distinct().Order()];
        letters = new ushort[starts.Length];
        int count = 1;
        foreach (CodePointSet set in all)
        {
            count = Divide(set, count);
        }

        words = new bool[count];
        for (int i = 0; i < starts.Length; i++)
        {
            words[letters[i]] = CodePointSet.WordCharacters.Contains(starts[i]);
        }

        ascii = [.. Enumerable.Range(0, 128).Select(Search)];
    }

    public ushort this[int point] => point < 128 ? ascii[point] : Search(point);

    /// <summary>Whether the code points of a letter are word characters.</summary>
    public bool IsWord(ushort letter) => words[letter];

    /// <summary>The letters of a set the alphabet was made for, as bits.</summary>
    public ulong[] LettersOf(CodePointSet set)
    {
        ulong[] bits = new ulong[(words.Length + 63) >> 6];
        for (int i = 0; i < starts.Length; i++)
        {
            if (set.Contains(starts[i]))
            {
                bits[letters[i] >> 6] |= 1UL << (letters[i] & 63);
            }
        }

        return bits;
    }

    /// <summary>Gives the members of a set other letters than the rest; returns how many letters there are then.</summary>
    private int Divide(CodePointSet set, int count)
    {
        int[] renamed = new int[count * 2];
        int used = 0;
        int range = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            while (range < set.Ranges.Count && set.Ranges[range].Last < starts[i])
            {
                range++;
            }

            bool member = range < set.Ranges.Count && set.Ranges[range].First <= starts[i];
            ref int name = ref renamed[(letters[i] * 2) + (member ? 1 : 0)];
            name = name == 0 ? ++used : name;
            letters[i] = (ushort)(name - 1);
        }

        return used;
    }

    private ushort Search(int point)
    {
        int at = Array.BinarySearch(starts, point);
        return letters[at >= 0 ? at : ~at - 1];
    }
}
