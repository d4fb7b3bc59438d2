using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Canonical;

namespace Countersign.Ledger;

/// <summary>Builds the payload of a log entry: a flat object of facts, as RFC 8785 canonical JSON.</summary>
public sealed class LogPayload
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly SortedList<string, object> facts = new(StringComparer.Ordinal);

    /// <summary>The payload of an entry that has nothing to add to its own fields.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = "{}"u8.ToArray();

    /// <summary>Adds a text; null adds nothing.</summary>
    public LogPayload Add(string name, string? value) => AddFact(name, value);

    /// <summary>Adds a whole number within ±2^53; null adds nothing.</summary>
    public LogPayload Add(string name, long? value) => AddFact(name, value);

    /// <summary>Adds a truth value.</summary>
    public LogPayload Add(string name, bool value) => AddFact(name, value);

    /// <summary>Adds a JSON value; null adds nothing.</summary>
    public LogPayload Add(string name, JsonElement? value) => AddFact(name, value);

    /// <summary>Adds a time as RFC 3339; null adds nothing.</summary>
    public LogPayload Add(string name, DateTimeOffset? value) =>
        AddFact(name, value?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The canonical bytes.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer);
        }

        // Sorted names, plain ASCII and no escapes is canonical already; everything else takes the long way.
        return facts.Values.Any(fact => fact is JsonElement)
            || buffer.WrittenSpan.IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0
            || buffer.WrittenSpan.Contains((byte)'\\')
            ? CanonicalJson.Canonicalize(buffer.WrittenSpan)
            : buffer.WrittenMemory;
    }

    /// <summary>The canonical bytes as text.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToBytes().Span);

    private LogPayload AddFact(string name, object? value)
    {
        if (value is not null)
        {
            facts[name] = value;
        }

        return this;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in facts)
        {
            writer.WritePropertyName(name);
            switch (value)
            {
                case string text: writer.WriteStringValue(text); break;
                case long number: writer.WriteNumberValue(number); break;
                case bool truth: writer.WriteBooleanValue(truth); break;
                case JsonElement json: json.WriteTo(writer); break;
                default: throw new InvalidOperationException($"A payload cannot hold a {value.GetType()}.");
            }
        }

        writer.WriteEndObject();
    }
}
