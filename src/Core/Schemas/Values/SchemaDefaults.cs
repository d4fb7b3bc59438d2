using System.Buffers;
using System.Text.Json;
using Countersign.Schemas.Compilation;

namespace Countersign.Schemas.Values;

/// <summary>
/// Fills in the <c>default</c> of members that an instance leaves out. It follows <c>properties</c>, <c>items</c>, <c>prefixItems</c>,
/// <c>allOf</c> and references into the same document; branches that depend on the instance (<c>anyOf</c>, <c>if</c>) are left alone, because
/// which of them counts is known only after validation. A default is inserted as it is: nothing is filled in inside it.
/// </summary>
internal sealed class SchemaDefaults
{
    // Bounds references that lead back to themselves.
    private const int MostParts = 256;

    private readonly JsonElement document;

    private SchemaDefaults(JsonElement document) => this.document = document;

    /// <summary>Prepares a schema; null where it declares no default, so that instances cost nothing.</summary>
    public static SchemaDefaults? Of(JsonElement document) => Mentions(document) ? new SchemaDefaults(document) : null;

    /// <summary>The instance with its missing members filled in.</summary>
    public JsonElement Fill(JsonElement instance)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, Applying(document), instance);
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static bool Mentions(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => member.NameEquals("default") || Mentions(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(Mentions),
        _ => false,
    };

    private void Write(Utf8JsonWriter writer, List<JsonElement> schemas, JsonElement instance)
    {
        switch (instance.ValueKind)
        {
            case JsonValueKind.Object when schemas.Count > 0:
                WriteObject(writer, schemas, instance);
                break;
            case JsonValueKind.Array when schemas.Count > 0:
                writer.WriteStartArray();
                int index = 0;
                foreach (JsonElement item in instance.EnumerateArray())
                {
                    Write(writer, Items(schemas, index++), item);
                }

                writer.WriteEndArray();
                break;
            default:
                instance.WriteTo(writer);
                break;
        }
    }

    private void WriteObject(Utf8JsonWriter writer, List<JsonElement> schemas, JsonElement instance)
    {
        writer.WriteStartObject();
        HashSet<string> present = new(StringComparer.Ordinal);
        foreach (JsonProperty member in instance.EnumerateObject())
        {
            present.Add(member.Name);
            writer.WritePropertyName(member.Name);
            Write(writer, Property(schemas, member.Name), member.Value);
        }

        foreach (JsonElement schema in schemas)
        {
            if (!schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (JsonProperty property in properties.EnumerateObject())
            {
                if (!present.Contains(property.Name) && Default(property.Value) is { } value)
                {
                    present.Add(property.Name);
                    writer.WritePropertyName(property.Name);
                    value.WriteTo(writer);
                }
            }
        }

        writer.WriteEndObject();
    }

    private JsonElement? Default(JsonElement schema)
    {
        foreach (JsonElement part in Applying(schema))
        {
            if (part.TryGetProperty("default", out JsonElement value))
            {
                return value;
            }
        }

        return null;
    }

    private List<JsonElement> Property(List<JsonElement> schemas, string name)
    {
        List<JsonElement> found = [];
        foreach (JsonElement schema in schemas)
        {
            if (schema.TryGetProperty("properties", out JsonElement properties)
                && properties.ValueKind == JsonValueKind.Object
                && properties.TryGetProperty(name, out JsonElement property))
            {
                found.AddRange(Applying(property));
            }
        }

        return found;
    }

    private List<JsonElement> Items(List<JsonElement> schemas, int index)
    {
        List<JsonElement> found = [];
        foreach (JsonElement schema in schemas)
        {
            int placed = schema.TryGetProperty("prefixItems", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.Array ? prefix.GetArrayLength() : 0;
            if (index < placed)
            {
                found.AddRange(Applying(prefix[index]));
            }
            else if (schema.TryGetProperty("items", out JsonElement items))
            {
                found.AddRange(Applying(items));
            }
        }

        return found;
    }

    /// <summary>A schema with everything that applies wherever it does: what it refers to and the members of its <c>allOf</c>.</summary>
    private List<JsonElement> Applying(JsonElement schema)
    {
        List<JsonElement> applying = [];
        Collect(schema, applying);
        return applying;
    }

    private void Collect(JsonElement schema, List<JsonElement> applying)
    {
        if (schema.ValueKind != JsonValueKind.Object || applying.Count >= MostParts)
        {
            return;
        }

        applying.Add(schema);
        if (schema.TryGetProperty("$ref", out JsonElement reference) && Target(reference) is { } target)
        {
            Collect(target, applying);
        }

        if (schema.TryGetProperty("allOf", out JsonElement all) && all.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement part in all.EnumerateArray())
            {
                Collect(part, applying);
            }
        }
    }

    private JsonElement? Target(JsonElement reference)
    {
        if (reference.GetString() is not { } text || !text.StartsWith('#') || (text.Length > 1 && text[1] != '/'))
        {
            return null;
        }

        JsonElement at = document;
        foreach (string token in Uri.UnescapeDataString(text).Split('/').Skip(1))
        {
            if (!JsonPointer.TryStep(at, JsonPointer.Unescape(token), out at))
            {
                return null;
            }
        }

        return at;
    }
}
