using System.Text.Json;

namespace Countersign.Ai;

/// <summary>Tells a model the schema in words, where its interface cannot be told.</summary>
internal static class SchemaInstruction
{
    /// <summary>The system prompt with the schema behind it.</summary>
    public static string After(string? system, JsonElement schema)
    {
        var instruction = $"Answer with one JSON value and nothing else. It must satisfy this JSON Schema (2020-12):\n{schema.GetRawText()}";
        return system is null ? instruction : $"{system}\n\n{instruction}";
    }

    /// <summary>Whether every value of the schema is an object, which interfaces ask for.</summary>
    public static bool IsOfObjects(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String
        && type.GetString() == "object";

    /// <summary>
    /// Whether a schema keeps to what strict structured output takes: objects that are closed and whose members are all required,
    /// and of keywords only the common ones.
    /// </summary>
    public static bool IsStrict(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            var fits = keyword.Name switch
            {
                "type" or "description" or "title" or "enum" or "const" or "required" or "$ref" => true,
                "additionalProperties" => keyword.Value.ValueKind == JsonValueKind.False,
                "properties" or "$defs" => keyword.Value.EnumerateObject().All(member => IsStrict(member.Value)),
                "items" => IsStrict(keyword.Value),
                "anyOf" => keyword.Value.EnumerateArray().All(IsStrict),
                _ => false,
            };
            if (!fits)
            {
                return false;
            }
        }

        return !IsOfObjects(schema) || IsClosed(schema);
    }

    private static bool IsClosed(JsonElement schema)
    {
        if (!schema.TryGetProperty("additionalProperties", out _) || !schema.TryGetProperty("properties", out var properties))
        {
            return false;
        }

        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet(StringComparer.Ordinal) : [];
        return properties.EnumerateObject().All(member => required.Contains(member.Name));
    }
}
