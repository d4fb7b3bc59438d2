using System.Collections;

namespace Countersign.Expressions;

/// <summary>
/// A list as expressions see it. Hosts derive from it to present data without copying; what it returns must not
/// change while an evaluation runs.
/// </summary>
public abstract class CelList : IEnumerable<CelValue>
{
    /// <summary>How many elements there are.</summary>
    public abstract int Count { get; }

    /// <summary>The element at <paramref name="index"/>, which is from 0 to <see cref="Count"/> − 1.</summary>
    public abstract CelValue this[int index] { get; }

    /// <inheritdoc/>
    public virtual IEnumerator<CelValue> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether some element equals <paramref name="value"/>, charged to the evaluation.</summary>
    internal virtual bool Contains(ref Evaluation evaluation, in CelValue value)
    {
        foreach (var element in this)
        {
            evaluation.Visit();
            if (CelComparison.AreEqual(ref evaluation, element, value, 0))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A list held in memory; the array is never written after construction.</summary>
internal sealed class CelArray(CelValue[] values) : CelList
{
    internal CelValue[] Values { get; } = values;

    public override int Count => Values.Length;

    public override CelValue this[int index] => Values[index];

    internal override bool Contains(ref Evaluation evaluation, in CelValue value)
    {
        foreach (ref readonly var element in Values.AsSpan())
        {
            evaluation.Visit();
            if (CelComparison.AreEqual(ref evaluation, element, value, 0))
            {
                return true;
            }
        }

        return false;
    }
}
