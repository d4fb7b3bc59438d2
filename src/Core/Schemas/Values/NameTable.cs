using System.Text;

namespace Countersign.Schemas.Values;

/// <summary>
/// Finds what belongs to a UTF-8 name without allocating. Sorted rather than hashed, so that no choice of names makes it slow.
/// </summary>
internal sealed class NameTable<T>
{
    private const int ShortTable = 6;

    private readonly byte[][] names;
    private readonly T[] values;

    public NameTable(IEnumerable<KeyValuePair<string, T>> entries)
        : this(entries.Select(e => new KeyValuePair<byte[], T>(Encoding.UTF8.GetBytes(e.Key), e.Value)))
    {
    }

    public NameTable(IEnumerable<KeyValuePair<byte[], T>> entries)
    {
        KeyValuePair<byte[], T>[] sorted = [.. entries];
        Array.Sort(sorted, static (a, b) => Compare(a.Key, b.Key));
        names = Array.ConvertAll(sorted, static e => e.Key);
        values = Array.ConvertAll(sorted, static e => e.Value);
    }

    public int Count => names.Length;

    public bool TryGet(ReadOnlySpan<byte> name, out T value)
    {
        int at = names.Length <= ShortTable ? Scan(name) : Search(name);
        value = at < 0 ? default! : values[at];
        return at >= 0;
    }

    private int Scan(ReadOnlySpan<byte> name)
    {
        byte[][] all = names;
        for (int i = 0; i < all.Length; i++)
        {
            if (name.SequenceEqual(all[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private int Search(ReadOnlySpan<byte> name)
    {
        int low = 0;
        int high = names.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = Compare(names[middle], name);
            if (order == 0)
            {
                return middle;
            }

            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle - 1;
        }

        return -1;
    }

    // Length first: most comparisons then end without reading the names.
    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length - right.Length : left.SequenceCompareTo(right);
}
