using System.Text.Json;

namespace Countersign.Steps;

/// <summary>JSON Schemas of outputs that do not depend on a step's fields.</summary>
internal static class KnownSchemas
{
    public static JsonElement Text { get; } = Parse("""{"type":"string"}""");

    public static JsonElement Boolean { get; } = Parse("""{"type":"boolean"}""");

    public static JsonElement Number { get; } = Parse("""{"type":"number"}""");

    public static JsonElement List { get; } = Parse("""{"type":"array"}""");

    public static JsonElement Null { get; } = Parse("""{"type":"null"}""");

    public static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
