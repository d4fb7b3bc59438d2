using System.Text.Json;

namespace Countersign.Expressions;

/// <summary>Reads types out of JSON Schemas.</summary>
internal static class JsonSchemaTypes
{
    private const int MaxDepth = 32;

    /// <summary>Keywords that can widen or replace what <c>type</c> says are left to evaluation.</summary>
    private static readonly string[] Combinators = ["$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "if", "not", "dependentSchemas"];

    internal static CelType Read(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth || Combinators.Any(name => schema.TryGetProperty(name, out _)))
        {
            return CelType.Dyn;
        }

        if (schema.TryGetProperty("type", out var type))
        {
            return type.ValueKind switch
            {
                JsonValueKind.String => Named(type.GetString()!, schema, depth),
                JsonValueKind.Array when type.GetArrayLength() == 1 && type[0].ValueKind == JsonValueKind.String =>
                    Named(type[0].GetString()!, schema, depth),
                JsonValueKind.Array => Numeric(type),
                _ => CelType.Dyn,
            };
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return OfValue(constant);
        }

        return schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
            ? values.EnumerateArray().Select(OfValue).Aggregate(CelType.Either)
            : CelType.Dyn;
    }

    private static CelType Named(string name, JsonElement schema, int depth) => name switch
    {
        "string" => CelType.String,
        "number" or "integer" => CelType.Double,
        "boolean" => CelType.Bool,
        "null" => CelType.Null,
        "array" => Array(schema, depth),
        "object" => Object(schema, depth),
        _ => CelType.Dyn,
    };

    private static CelType Numeric(JsonElement types) =>
        types.GetArrayLength() > 0 && types.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String && t.GetString() is "number" or "integer")
            ? CelType.Double
            : CelType.Dyn;

    private static CelType Array(JsonElement schema, int depth) =>
        CelType.List(schema.TryGetProperty("items", out var items) && !schema.TryGetProperty("prefixItems", out _)
            ? Read(items, depth + 1)
            : CelType.Dyn);

    private static CelType Object(JsonElement schema, int depth)
    {
        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal);
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                fields[property.Name] = Read(property.Value, depth + 1);
            }
        }

        var others = schema.TryGetProperty("additionalProperties", out var additional);
        var patterns = schema.TryGetProperty("patternProperties", out _);
        if (fields.Count == 0 && !patterns && others && additional.ValueKind == JsonValueKind.Object)
        {
            return CelType.Map(CelType.String, Read(additional, depth + 1));
        }

        return CelType.Object(fields, open: patterns || !others || additional.ValueKind != JsonValueKind.False);
    }

    private static CelType OfValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => CelType.String,
        JsonValueKind.Number => CelType.Double,
        JsonValueKind.True or JsonValueKind.False => CelType.Bool,
        JsonValueKind.Null => CelType.Null,
        _ => CelType.Dyn,
    };
}
