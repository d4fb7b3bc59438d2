using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Countersign.Expressions;

/// <summary>Values to JSON and their size in it.</summary>
internal static class CelJson
{
    /// <summary>2^53 − 1: beyond it a JSON reader may round an integer (RFC 8259 §6).</summary>
    internal const long MaxInteroperable = 9_007_199_254_740_991;

    internal static string CheckedNumber(in CelValue value)
    {
        var fits = value.Kind switch
        {
            CelKind.Int => value.RawInt is >= -MaxInteroperable and <= MaxInteroperable,
            CelKind.Uint => value.RawUint <= MaxInteroperable,
            _ => double.IsFinite(value.RawDouble),
        };
        return fits
            ? CelText.Of(value)
            : throw new ExpressionException(
                ExpressionErrorCodes.NotJson,
                $"{CelText.Of(value)} cannot be a JSON number without loss; write string(x) to pass it as text");
    }

    /// <summary>The entries with their keys as text.</summary>
    internal static IEnumerable<(string Name, CelValue Value)> Entries(CelMap map)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in map.Keys)
        {
            if (!map.TryGet(key, out var value))
            {
                continue;
            }

            var name = key.Kind == CelKind.Bool ? (key.RawBool ? "true" : "false") : CelText.Of(key);
            yield return names.Add(name)
                ? (name, value)
                : throw new ExpressionException(ExpressionErrorCodes.NotJson, $"two keys of the map are {Quoting.Quote(name)} in JSON");
        }
    }

    internal static void Write(Utf8JsonWriter writer, in CelValue value, int depth)
    {
        if (depth > CelComparison.MaxDepth)
        {
            throw new ExpressionException(ExpressionErrorCodes.Limit, "the value is nested too deeply for JSON");
        }

        switch (value.Kind)
        {
            case CelKind.Null:
                writer.WriteNullValue();
                break;
            case CelKind.Bool:
                writer.WriteBooleanValue(value.RawBool);
                break;
            case CelKind.Int:
            case CelKind.Uint:
            case CelKind.Double:
                writer.WriteRawValue(CheckedNumber(value), skipInputValidation: true);
                break;
            case CelKind.Bytes:
                writer.WriteBase64StringValue(value.RawBytes);
                break;
            case CelKind.List:
                WriteList(writer, value.RawList, depth);
                break;
            case CelKind.Map:
                WriteMap(writer, value.RawMap, depth);
                break;
            case CelKind.Type:
            case CelKind.Error:
                throw new ExpressionException(ExpressionErrorCodes.NotJson, $"a value of type {value.TypeName} has no JSON form");
            default:
                writer.WriteStringValue(CelText.Of(value));
                break;
        }
    }

    internal static JsonElement ToElement(in CelValue value)
    {
        if (value.Kind == CelKind.Map && value.RawMap is JsonMap map)
        {
            return map.Element;
        }

        if (value.Kind == CelKind.List && value.RawList is JsonList list)
        {
            return list.Element;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = CelComparison.MaxDepth + 1 }))
        {
            Write(writer, value, 0);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = CelComparison.MaxDepth + 1 });
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>About the bytes that JSON would need, no more than <paramref name="limit"/> + a little; −1 beyond the depth.</summary>
    internal static long Measure(in CelValue value, long limit, int depth)
    {
        switch (value.Kind)
        {
            case CelKind.String:
                return System.Text.Encoding.UTF8.GetByteCount(value.RawString) + 2;
            case CelKind.Bytes:
                return value.RawBytes.Length;
            case CelKind.List when value.RawList is JsonList list:
                return list.RawSize;
            case CelKind.Map when value.RawMap is JsonMap map:
                return map.RawSize;
            case CelKind.List or CelKind.Map when depth > CelComparison.MaxDepth:
                return limit + 1;
            case CelKind.List:
                return MeasureList(value.RawList, limit, depth);
            case CelKind.Map:
                return MeasureMap(value.RawMap, limit, depth);
            default:
                return 8;
        }
    }

    private static long MeasureList(CelList list, long limit, int depth)
    {
        long size = 2;
        foreach (var item in list)
        {
            size += 1 + Measure(item, limit - size, depth + 1);
            if (size > limit)
            {
                break;
            }
        }

        return size;
    }

    private static long MeasureMap(CelMap map, long limit, int depth)
    {
        long size = 2;
        foreach (var key in map.Keys)
        {
            size += 2 + Measure(key, limit, depth + 1);
            if (map.TryGet(key, out var value))
            {
                size += Measure(value, limit - size, depth + 1);
            }

            if (size > limit)
            {
                break;
            }
        }

        return size;
    }

    private static void WriteList(Utf8JsonWriter writer, CelList list, int depth)
    {
        if (list is JsonList json)
        {
            json.Element.WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        foreach (var item in list)
        {
            Write(writer, item, depth + 1);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, CelMap map, int depth)
    {
        if (map is JsonMap json)
        {
            json.Element.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, value) in Entries(map))
        {
            writer.WritePropertyName(name);
            Write(writer, value, depth + 1);
        }

        writer.WriteEndObject();
    }
}

public readonly partial struct CelValue
{
    /// <summary>
    /// JSON as a value, without copying objects and arrays: they are read in place, so their document must live as long
    /// as the value. Numbers become doubles; of a property that occurs twice, the last counts.
    /// </summary>
    /// <exception cref="ExpressionException">A string is not valid Unicode, or a number is no finite double.</exception>
    public static CelValue FromJson(System.Text.Json.JsonElement element) => JsonValues.Read(element);

    /// <summary>
    /// Writes the value as JSON: integers as numbers within ±(2^53 − 1), bytes in base64, timestamps as RFC 3339,
    /// durations as <c>"1.5s"</c>, map keys as strings.
    /// </summary>
    /// <exception cref="ExpressionException">
    /// <c>expression.not-json</c>: an integer beyond that range, NaN or an infinity, a type, or two keys with equal text.
    /// </exception>
    public void ToJson(System.Text.Json.Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        CelJson.Write(writer, this, 0);
    }

    /// <summary>The value as JSON, with the rules of <see cref="ToJson"/>. JSON that came in goes out uncopied.</summary>
    /// <exception cref="ExpressionException"><c>expression.not-json</c>, as for <see cref="ToJson"/>.</exception>
    public System.Text.Json.JsonElement ToJsonElement() => CelJson.ToElement(this);

    /// <summary>
    /// The form a value takes inside joined text: strings as they are, numbers as ECMAScript writes them (RFC 8785),
    /// <c>true</c>, <c>false</c>, <c>null</c>, bytes in base64, times as in JSON, types by name, lists and maps as canonical JSON.
    /// </summary>
    /// <exception cref="ExpressionException"><c>expression.not-json</c>: a list or map holds what JSON cannot.</exception>
    public string ToText() => CelText.Of(this);
}
