using System.Buffers;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>The JSON Schema 2020-12 of the language, made from the declarations that also read it. It covers structure: what needs sight of the whole graph, expressions and embedded schemas is the reader's.</summary>
public static class LanguageSchema
{
    /// <summary>Identifies the schema.</summary>
    public const string Id = "https://countersign.dev/schemas/workflow-1.0.json";

    /// <summary>The schema.</summary>
    public static JsonElement Document { get; } = Make();

    private static JsonElement Make()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            SchemaWriter schema = new(writer);
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            writer.WriteString("$id", Id);
            writer.WriteString("title", "Countersign workflow");
            writer.WritePropertyName("allOf");
            writer.WriteStartArray();
            DefinitionShape.Shape.WriteSchema(schema);
            writer.WriteEndArray();
            WriteDefinitions(schema);
            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>Writing a definition may refer to further ones, so this goes on until none is left.</summary>
    private static void WriteDefinitions(SchemaWriter schema)
    {
        HashSet<string> written = new(StringComparer.Ordinal);
        schema.Json.WriteStartObject("$defs");
        while (schema.Definitions.Keys.Except(written).FirstOrDefault() is { } name)
        {
            written.Add(name);
            schema.Json.WritePropertyName(name);
            schema.Definitions[name](schema);
        }

        schema.Json.WriteEndObject();
    }
}
