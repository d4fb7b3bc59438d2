using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Expressions;

/// <summary>Reads single values out of JSON; numbers become doubles (CEL langdef, "JSON Data Conversion").</summary>
internal static class JsonValues
{
    internal static CelValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => CelValue.Map(new JsonMap(element)),
        JsonValueKind.Array => CelValue.List(new JsonList(element)),
        JsonValueKind.String => CelValue.WrapString(ReadString(element)),
        JsonValueKind.Number => CelValue.Double(ReadDouble(element)),
        JsonValueKind.True => CelValue.True,
        JsonValueKind.False => CelValue.False,
        JsonValueKind.Null => CelValue.Null,
        _ => throw new ArgumentException("The JSON element has no value.", nameof(element)),
    };

    internal static bool TryGetProperty(JsonElement element, ReadOnlySpan<byte> name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            throw NotUnicode("a property name");
        }
    }

    internal static ExpressionException NotUnicode(string what) =>
        new(ExpressionErrorCodes.InvalidArgument, $"{what} in the JSON data is not valid Unicode (an unpaired surrogate)");

    private static double ReadDouble(JsonElement element)
    {
        var value = element.GetDouble();
        return double.IsFinite(value)
            ? value
            : throw new ExpressionException(ExpressionErrorCodes.Overflow, "a number in the JSON data is too large for a double");
    }

    private static string ReadString(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            throw NotUnicode("a string");
        }
    }
}

/// <summary>A JSON object seen as a map, read in place. Of a key that occurs twice, the last entry counts.</summary>
internal sealed class JsonMap(JsonElement element) : CelMap
{
    private const int PropertiesPerStep = 64;

    private CelValue[]? _keys;

    internal JsonElement Element { get; } = element;

    internal long RawSize => JsonMarshal.GetRawUtf8Value(Element).Length;

    public override int Count => ReadKeys().Length;

    public override IEnumerable<CelValue> Keys => ReadKeys();

    public override bool TryGet(string name, out CelValue value)
    {
        var free = Evaluation.Unlimited();
        return Find(ref free, new FieldName(name), out value);
    }

    public override bool Has(string name) => JsonValues.TryGetProperty(Element, new FieldName(name).Utf8, out _);

    internal override bool Find(ref Evaluation evaluation, FieldName field, out CelValue value)
    {
        Charge(ref evaluation);
        if (JsonValues.TryGetProperty(Element, field.Utf8, out var found))
        {
            value = JsonValues.Read(found);
            return true;
        }

        value = default;
        return false;
    }

    internal override bool Find(ref Evaluation evaluation, in CelValue key, out CelValue value)
    {
        if (key.Kind == CelKind.String)
        {
            return Find(ref evaluation, new FieldName(key.RawString), out value);
        }

        value = default;
        return false;
    }

    internal override bool Has(ref Evaluation evaluation, FieldName field)
    {
        Charge(ref evaluation);
        return JsonValues.TryGetProperty(Element, field.Utf8, out _);
    }

    internal override int CountEntries(ref Evaluation evaluation) => ReadKeysCharged(ref evaluation).Length;

    internal override IEnumerable<CelValue> ReadKeys(ref Evaluation evaluation) => ReadKeysCharged(ref evaluation);

    /// <summary>A look-up walks over all properties, so large objects cost more than a step.</summary>
    private void Charge(ref Evaluation evaluation)
    {
        var count = Element.GetPropertyCount();
        if (count >= PropertiesPerStep)
        {
            evaluation.Charge(count / PropertiesPerStep);
        }
    }

    private CelValue[] ReadKeysCharged(ref Evaluation evaluation)
    {
        if (_keys is null)
        {
            evaluation.Charge(Element.GetPropertyCount() / 16);
            evaluation.Scan(RawSize);
        }

        return ReadKeys();
    }

    private CelValue[] ReadKeys()
    {
        if (_keys is { } known)
        {
            return known;
        }

        try
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var keys = new List<CelValue>();
            foreach (var property in Element.EnumerateObject())
            {
                var name = property.Name;
                if (seen.Add(name))
                {
                    keys.Add(CelValue.WrapString(name));
                }
            }

            // Two threads may both read the keys; either result is the same, so the last write may win.
            return _keys = keys.ToArray();
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            throw JsonValues.NotUnicode("a property name");
        }
    }
}

/// <summary>A JSON array seen as a list, read in place.</summary>
internal sealed class JsonList(JsonElement element) : CelList
{
    internal JsonElement Element { get; } = element;

    internal long RawSize => JsonMarshal.GetRawUtf8Value(Element).Length;

    public override int Count { get; } = element.GetArrayLength();

    public override CelValue this[int index] => JsonValues.Read(Element[index]);

    public override IEnumerator<CelValue> GetEnumerator()
    {
        foreach (var item in Element.EnumerateArray())
        {
            yield return JsonValues.Read(item);
        }
    }

    internal override bool Contains(ref Evaluation evaluation, in CelValue value)
    {
        if (value.Kind == CelKind.String)
        {
            return ContainsString(ref evaluation, value.RawString);
        }

        foreach (var item in Element.EnumerateArray())
        {
            evaluation.Visit();
            if (CelComparison.AreEqual(ref evaluation, JsonValues.Read(item), value, 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compares in UTF-8, so that no element becomes a string object.</summary>
    private bool ContainsString(ref Evaluation evaluation, string text)
    {
        var utf8 = text.Length <= 128 ? stackalloc byte[384] : new byte[text.Length * 3];
        utf8 = utf8[..System.Text.Encoding.UTF8.GetBytes(text, utf8)];
        try
        {
            foreach (var item in Element.EnumerateArray())
            {
                evaluation.Visit();
                if (item.ValueKind == JsonValueKind.String && item.ValueEquals(utf8))
                {
                    return true;
                }
            }

            return false;
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            throw JsonValues.NotUnicode("a string");
        }
    }
}
