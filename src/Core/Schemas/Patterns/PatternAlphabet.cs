using System.Text;

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
    private readonly List<bool> words = [];

    public PatternAlphabet(IEnumerable<CodePointSet> sets)
    {
        CodePointSet[] all = [CodePointSet.WordCharacters, .. sets];
        starts = [.. all.SelectMany(s => s.Ranges).SelectMany(r => new[] { r.First, r.Last + 1 })
            .Append(0).Where(p => p <= CodePointSet.Last).Distinct().Order()];
        letters = new ushort[starts.Length];
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        for (int i = 0; i < starts.Length; i++)
        {
            letters[i] = LetterOf(starts[i], all, known);
        }

        ascii = [.. Enumerable.Range(0, 128).Select(Search)];
    }

    public ushort this[int point] => point < 128 ? ascii[point] : Search(point);

    /// <summary>Whether the code points of a letter are word characters.</summary>
    public bool IsWord(ushort letter) => words[letter];

    /// <summary>The letters of a set the alphabet was made for, as bits.</summary>
    public ulong[] LettersOf(CodePointSet set)
    {
        ulong[] bits = new ulong[(words.Count + 63) >> 6];
        for (int i = 0; i < starts.Length; i++)
        {
            if (set.Contains(starts[i]))
            {
                bits[letters[i] >> 6] |= 1UL << (letters[i] & 63);
            }
        }

        return bits;
    }

    private ushort LetterOf(int point, CodePointSet[] all, Dictionary<string, ushort> known)
    {
        var signature = new StringBuilder(all.Length);
        foreach (CodePointSet set in all)
        {
            signature.Append(set.Contains(point) ? '1' : '0');
        }

        string key = signature.ToString();
        if (!known.TryGetValue(key, out ushort letter))
        {
            letter = (ushort)known.Count;
            known.Add(key, letter);
            words.Add(key[0] == '1');
        }

        return letter;
    }

    private ushort Search(int point)
    {
        int at = Array.BinarySearch(starts, point);
        return letters[at >= 0 ? at : ~at - 1];
    }
}
