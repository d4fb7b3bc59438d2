using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Canonical;

namespace Countersign.Ledger;

/// <summary>Builds the payload of a log entry: a flat object of facts, as RFC 8785 canonical JSON. A name that is added again replaces what it named.</summary>
public sealed class LogPayload
{
    private const int OnStack = 512;
    private const int LongestNumber = 20;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Printable ASCII that no JSON string needs to escape.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except(['"', '\\'])]);

    private static readonly object Truth = new();

    private Fact[] facts = new Fact[6];
    private int count;

    /// <summary>The payload of an entry that has nothing to add to its own fields.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = "{}"u8.ToArray();

    /// <summary>Adds a text; null adds nothing.</summary>
    public LogPayload Add(string name, string? value) => value is null ? this : Add(new Fact(name, value, 0));

    /// <summary>Adds a whole number within ±2^53; null adds nothing.</summary>
    public LogPayload Add(string name, long? value) => value is { } number ? Add(new Fact(name, null, number)) : this;

    /// <summary>Adds a truth value.</summary>
    public LogPayload Add(string name, bool value) => Add(new Fact(name, Truth, value ? 1 : 0));

    /// <summary>Adds a JSON value; null adds nothing.</summary>
    public LogPayload Add(string name, JsonElement? value) => value is { } json ? Add(new Fact(name, json, 0)) : this;

    /// <summary>Adds a time as RFC 3339; null adds nothing.</summary>
    public LogPayload Add(string name, DateTimeOffset? value) =>
        Add(name, value?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>The canonical bytes.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        // Sorted names, plain ASCII and no escapes is canonical already; everything else takes the long way.
        Span<byte> buffer = stackalloc byte[OnStack];
        return TryWritePlain(buffer, out var length) ? buffer[..length].ToArray() : Canonicalize();
    }

    /// <summary>The canonical bytes as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(ToBytes().Span);

    // Facts are kept in the order of their names, which is the order that most callers add them in.
    private LogPayload Add(Fact fact)
    {
        var at = count;
        while (at > 0 && string.CompareOrdinal(facts[at - 1].Name, fact.Name) is var order and >= 0)
        {
            at--;
            if (order == 0)
            {
                facts[at] = fact;
                return this;
            }
        }

        if (count == facts.Length)
        {
            Array.Resize(ref facts, count * 2);
        }

        facts.AsSpan(at, count - at).CopyTo(facts.AsSpan(at + 1));
        facts[at] = fact;
        count++;
        return this;
    }

    private bool TryWritePlain(Span<byte> buffer, out int length)
    {
        length = 0;
        buffer[length++] = (byte)'{';
        foreach (var fact in facts.AsSpan(0, count))
        {
            if (length > 1)
            {
                buffer[length++] = (byte)',';
            }

            if (!TryWriteText(buffer, ref length, fact.Name))
            {
                return false;
            }

            buffer[length++] = (byte)':';
            if (!TryWriteValue(buffer, ref length, fact))
            {
                return false;
            }
        }

        buffer[length++] = (byte)'}';
        return true;
    }

    // Both leave room for a number and the signs around it.
    private static bool TryWriteText(Span<byte> buffer, ref int length, string text)
    {
        if (buffer.Length - length < text.Length + LongestNumber + 8 || text.AsSpan().ContainsAnyExcept(Plain))
        {
            return false;
        }

        buffer[length++] = (byte)'"';
        length += Encoding.ASCII.GetBytes(text, buffer[length..]);
        buffer[length++] = (byte)'"';
        return true;
    }

    private static bool TryWriteValue(Span<byte> buffer, ref int length, in Fact fact)
    {
        switch (fact.Value)
        {
            case string text:
                return TryWriteText(buffer, ref length, text);
            case null:
                fact.Number.TryFormat(buffer[length..], out var digits, provider: CultureInfo.InvariantCulture);
                length += digits;
                return true;
            case var value when ReferenceEquals(value, Truth):
                var truth = fact.Number == 0 ? "false"u8 : "true"u8;
                truth.CopyTo(buffer[length..]);
                length += truth.Length;
                return true;
            default:
                return false;
        }
    }

    private byte[] Canonicalize()
    {
        var buffer = new ArrayBufferWriter<byte>(OnStack);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer);
        }

        return CanonicalJson.Canonicalize(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var fact in facts.AsSpan(0, count))
        {
            writer.WritePropertyName(fact.Name);
            switch (fact.Value)
            {
                case string text: writer.WriteStringValue(text); break;
                case null: writer.WriteNumberValue(fact.Number); break;
                case JsonElement json: json.WriteTo(writer); break;
                default: writer.WriteBooleanValue(fact.Number != 0); break;
            }
        }

        writer.WriteEndObject();
    }

    // A text or JSON value; the number where there is none; a truth as 0 or 1.
    private readonly record struct Fact(string Name, object? Value, long Number);
}
