namespace Countersign.Expressions;

/// <summary>Equality, order and hashing of values (CEL langdef, "Equality" and "Ordering").</summary>
internal static class CelComparison
{
    /// <summary>Nesting beyond this is refused, so that no data can exhaust the stack.</summary>
    internal const int MaxDepth = 512;

    /// <summary>Returned by <see cref="CompareNumbers"/> when one side is NaN: neither less, equal nor greater.</summary>
    internal const int Unordered = 2;

    internal static bool AreEqual(ref Evaluation evaluation, in CelValue left, in CelValue right, int depth)
    {
        if (left.IsNumber && right.IsNumber)
        {
            return CompareNumbers(left, right) == 0;
        }

        if (left.Kind != right.Kind)
        {
            return false;
        }

        switch (left.Kind)
        {
            case CelKind.Null:
                return true;
            case CelKind.Bool:
            case CelKind.Duration:
                return left.RawInt == right.RawInt;
            case CelKind.Timestamp:
                return left.RawInt == right.RawInt && left.RawNanos == right.RawNanos;
            case CelKind.Type:
                return left.RawString == right.RawString;
            case CelKind.String:
                evaluation.Scan(Math.Min(left.RawString.Length, right.RawString.Length));
                return string.Equals(left.RawString, right.RawString);
            case CelKind.Bytes:
                evaluation.Scan(Math.Min(left.RawBytes.Length, right.RawBytes.Length));
                return left.RawBytes.AsSpan().SequenceEqual(right.RawBytes);
            case CelKind.List:
                return ListsEqual(ref evaluation, left.RawList, right.RawList, depth + 1);
            case CelKind.Map:
                return MapsEqual(ref evaluation, left.RawMap, right.RawMap, depth + 1);
            default:
                return false;
        }
    }

    /// <summary>
    /// −1, 0 or 1 on one number line for all three kinds, or <see cref="Unordered"/>. An integer is compared to a double
    /// as the double next to it, which is what the conformance suite asks for ("lossy"): beyond 2^53 neighbours are equal.
    /// </summary>
    internal static int CompareNumbers(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Double, CelKind.Double) => CompareDoubles(left.RawDouble, right.RawDouble),
        (CelKind.Int, CelKind.Int) => left.RawInt.CompareTo(right.RawInt),
        (CelKind.Uint, CelKind.Uint) => left.RawUint.CompareTo(right.RawUint),
        (CelKind.Int, CelKind.Uint) => left.RawInt < 0 ? -1 : ((ulong)left.RawInt).CompareTo(right.RawUint),
        (CelKind.Uint, CelKind.Int) => right.RawInt < 0 ? 1 : left.RawUint.CompareTo((ulong)right.RawInt),
        (CelKind.Int, CelKind.Double) => CompareDoubles(left.RawInt, right.RawDouble),
        (CelKind.Double, CelKind.Int) => CompareDoubles(left.RawDouble, right.RawInt),
        (CelKind.Uint, CelKind.Double) => CompareDoubles(left.RawUint, right.RawDouble),
        _ => CompareDoubles(left.RawDouble, right.RawUint),
    };

    /// <summary>The order of code points, which for surrogates is not the order of UTF-16 units.</summary>
    internal static int CompareStrings(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        char a = left[same], b = right[same];
        if (char.IsSurrogate(a) != char.IsSurrogate(b) && a >= '\uD800' && b >= '\uD800')
        {
            return char.IsSurrogate(a) ? 1 : -1;
        }

        return a < b ? -1 : 1;
    }

    internal static int HashOf(in CelValue value) => value.Kind switch
    {
        CelKind.Int => ((double)value.RawInt).GetHashCode(),
        CelKind.Uint => ((double)value.RawUint).GetHashCode(),
        CelKind.Double => value.RawDouble.GetHashCode(),
        CelKind.String or CelKind.Type => value.RawString.GetHashCode(StringComparison.Ordinal),
        CelKind.Bytes => value.RawBytes.Length,
        CelKind.List => value.RawList.Count,
        CelKind.Map => value.RawMap.Count,
        _ => HashCode.Combine(value.Kind, value.RawInt, value.RawNanos),
    };

    private static bool ListsEqual(ref Evaluation evaluation, CelList left, CelList right, int depth)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        Evaluation.Enter(depth);
        using var first = left.GetEnumerator();
        using var second = right.GetEnumerator();
        while (first.MoveNext() && second.MoveNext())
        {
            evaluation.Visit();
            if (!AreEqual(ref evaluation, first.Current, second.Current, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MapsEqual(ref Evaluation evaluation, CelMap left, CelMap right, int depth)
    {
        if (left.CountEntries(ref evaluation) != right.CountEntries(ref evaluation))
        {
            return false;
        }

        Evaluation.Enter(depth);
        foreach (var key in left.ReadKeys(ref evaluation))
        {
            evaluation.Visit();
            if (!left.Find(ref evaluation, key, out var a) || !right.Find(ref evaluation, key, out var b) || !AreEqual(ref evaluation, a, b, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static int CompareDoubles(double left, double right) =>
        left < right ? -1 : left > right ? 1 : left == right ? 0 : Unordered;
}
