namespace Countersign.Schemas.Evaluation;

/// <summary>
/// Which members or items of one container some keyword has evaluated, by position: the annotations that
/// unevaluatedProperties and unevaluatedItems need (Core 2020-12, section 11).
/// </summary>
internal sealed class EvaluatedParts
{
    private ulong first;
    private ulong[] rest = [];
    private bool all;

    public void Mark(int index)
    {
        if (index < 64)
        {
            first |= 1UL << index;
            return;
        }

        int word = (index >> 6) - 1;
        if (word >= rest.Length)
        {
            Array.Resize(ref rest, Math.Max(word + 1, rest.Length * 2));
        }

        rest[word] |= 1UL << (index & 63);
    }

    public void MarkAll() => all = true;

    public bool Contains(int index)
    {
        if (all || index < 64)
        {
            return all || (first & (1UL << index)) != 0;
        }

        int word = (index >> 6) - 1;
        return word < rest.Length && (rest[word] & (1UL << (index & 63))) != 0;
    }

    public void Add(EvaluatedParts other)
    {
        all |= other.all;
        first |= other.first;
        if (rest.Length < other.rest.Length)
        {
            Array.Resize(ref rest, other.rest.Length);
        }

        for (int i = 0; i < other.rest.Length; i++)
        {
            rest[i] |= other.rest[i];
        }
    }

    public void Clear()
    {
        first = 0;
        all = false;
        Array.Clear(rest);
    }
}
