using System.Text;

namespace Countersign.Schemas.Patterns;

/// <summary>
/// Unicode as far as one pattern can tell its code points apart: each class of indistinguishable code points has one UTF-16
/// letter. Matching over these letters gives the pattern code-point semantics, ECMA-262's notion of <c>\b</c> (letters of
/// word classes are word characters to .NET, the others are not) and character classes of a few letters.
/// </summary>
internal sealed class PatternAlphabet
{
    private const char FirstWordLetter = '\u4E00';
    private const char FirstOtherLetter = '\uE000';

    private static readonly CodePointSet WordCharacters = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    private readonly int[] starts;
    private readonly char[] letters;
    private readonly char[] ascii;

    public PatternAlphabet(IEnumerable<CodePointSet> sets)
    {
        CodePointSet[] all = [WordCharacters, .. sets];
        starts = [.. all.SelectMany(s => s.Ranges).SelectMany(r => new[] { r.First, r.Last + 1 })
            .Append(0).Where(p => p <= CodePointSet.Last).Distinct().Order()];
        letters = new char[starts.Length];
        var known = new Dictionary<string, char>(StringComparer.Ordinal);
        for (int i = 0; i < starts.Length; i++)
        {
            letters[i] = LetterOf(starts[i], all, known);
        }

        ascii = [.. Enumerable.Range(0, 128).Select(Search)];
    }

    /// <summary>The letters of a set the alphabet was made for.</summary>
    public string LettersOf(CodePointSet set)
    {
        var found = new SortedSet<char>();
        for (int i = 0; i < starts.Length; i++)
        {
            if (set.Contains(starts[i]))
            {
                found.Add(letters[i]);
            }
        }

        return string.Concat(found);
    }

    public char this[int point] => point < 128 ? ascii[point] : Search(point);

    private static char LetterOf(int point, CodePointSet[] all, Dictionary<string, char> known)
    {
        var signature = new StringBuilder(all.Length);
        foreach (CodePointSet set in all)
        {
            signature.Append(set.Contains(point) ? '1' : '0');
        }

        string key = signature.ToString();
        if (!known.TryGetValue(key, out char letter))
        {
            letter = (char)((WordCharacters.Contains(point) ? FirstWordLetter : FirstOtherLetter) + known.Count);
            known.Add(key, letter);
        }

        return letter;
    }

    private char Search(int point)
    {
        int at = Array.BinarySearch(starts, point);
        return letters[at >= 0 ? at : ~at - 1];
    }
}
