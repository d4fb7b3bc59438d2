namespace Countersign.Expressions;

/// <summary>
/// A map as expressions see it. Hosts derive from it so that <c>steps.x.output</c> or <c>context.static.y</c> are
/// resolved only when an expression reads them; an absent entry makes <c>has(steps.x)</c> false and reading it an
/// <c>expression.no-such-field</c>. Answers must not change while an evaluation runs.
/// </summary>
public abstract class CelMap
{
    /// <summary>How many entries there are.</summary>
    public abstract int Count { get; }

    /// <summary>The keys, in an order that is the same every time; comprehensions and text follow it.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }

    /// <summary>Finds the entry whose key is the string <paramref name="name"/>.</summary>
    /// <returns><c>false</c> if there is no such entry.</returns>
    public abstract bool TryGet(string name, out CelValue value);

    /// <summary>
    /// Finds the entry for any key. Numbers of different kinds that are equal are the same key. The default knows only
    /// string keys.
    /// </summary>
    public virtual bool TryGet(CelValue key, out CelValue value)
    {
        if (key.Kind == CelKind.String)
        {
            return TryGet(key.RawString, out value);
        }

        value = default;
        return false;
    }

    /// <summary>Whether there is an entry <paramref name="name"/>; override where that is cheaper than reading it.</summary>
    public virtual bool Has(string name) => TryGet(name, out _);

    /// <summary>The same look-ups, charged to an evaluation where they take time in proportion to the map.</summary>
    internal virtual bool Find(ref Evaluation evaluation, FieldName field, out CelValue value) => TryGet(field.Text, out value);

    internal virtual bool Find(ref Evaluation evaluation, in CelValue key, out CelValue value) => TryGet(key, out value);

    internal virtual bool Has(ref Evaluation evaluation, FieldName field) => Has(field.Text);

    internal virtual int CountEntries(ref Evaluation evaluation) => Count;

    internal virtual IEnumerable<CelValue> ReadKeys(ref Evaluation evaluation) => Keys;
}

/// <summary>A field name of an expression, with the UTF-8 form that JSON is searched for.</summary>
internal sealed class FieldName(string text)
{
    internal string Text { get; } = text;

    internal byte[] Utf8 { get; } = System.Text.Encoding.UTF8.GetBytes(text);
}

/// <summary>A map held in memory, in order of insertion.</summary>
internal sealed class CelDictionary(int capacity) : CelMap
{
    private readonly Dictionary<CelValue, CelValue> _entries = new(capacity, KeyComparer.Instance);
    private readonly List<CelValue> _keys = new(capacity);

    public override int Count => _keys.Count;

    public override IEnumerable<CelValue> Keys => _keys;

    public override bool TryGet(string name, out CelValue value) => _entries.TryGetValue(CelValue.WrapString(name), out value);

    public override bool TryGet(CelValue key, out CelValue value)
    {
        value = default;
        return KeyComparer.TryNormalize(key, out var normal) && _entries.TryGetValue(normal, out value);
    }

    /// <summary>False if an equal key is there already; the key is of an allowed kind.</summary>
    internal bool TryAdd(CelValue key, CelValue value)
    {
        KeyComparer.TryNormalize(key, out var normal);
        if (!_entries.TryAdd(normal, value))
        {
            return false;
        }

        _keys.Add(key);
        return true;
    }
}

/// <summary>
/// Equality of map keys. It is exact, other than that of values: a double finds an integer key only if it is that integer.
/// </summary>
internal sealed class KeyComparer : IEqualityComparer<CelValue>
{
    internal static KeyComparer Instance { get; } = new();

    /// <summary>Gives equal numbers the same kind; false for what can be no key.</summary>
    internal static bool TryNormalize(in CelValue key, out CelValue normal)
    {
        normal = key;
        switch (key.Kind)
        {
            case CelKind.Uint when key.RawUint <= long.MaxValue:
                normal = CelValue.Int((long)key.RawUint);
                return true;
            case CelKind.Double when Math.Truncate(key.RawDouble) != key.RawDouble:
                return false;
            case CelKind.Double when key.RawDouble is >= -9223372036854775808.0 and < 9223372036854775808.0:
                normal = CelValue.Int((long)key.RawDouble);
                return true;
            case CelKind.Double when key.RawDouble is >= 0 and < 18446744073709551616.0:
                normal = CelValue.Uint((ulong)key.RawDouble);
                return true;
            default:
                return CelValue.IsKeyKind(key.Kind);
        }
    }

    public bool Equals(CelValue x, CelValue y) =>
        x.Kind == y.Kind && (x.Kind == CelKind.String ? x.RawString == y.RawString : x.RawInt == y.RawInt);

    public int GetHashCode(CelValue obj) =>
        obj.Kind == CelKind.String ? obj.RawString.GetHashCode(StringComparison.Ordinal) : obj.RawInt.GetHashCode();
}
