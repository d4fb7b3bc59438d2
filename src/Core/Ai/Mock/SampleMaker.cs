using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Ai;

/// <summary>Guesses a value of a schema, keyword by keyword. Whoever asks checks the guess.</summary>
internal sealed class SampleMaker(JsonElement root, SampleNumbers numbers, SampleWork work, bool withOptional)
{
    private const int Deepest = 24;
    private const int DeepestOptional = 5;

    private static readonly string[] Combiners = ["oneOf", "anyOf"];

    /// <summary>A value; false where the schema allows none that could be guessed.</summary>
    public bool TryMake(JsonElement schema, string name, int depth, out JsonNode? value)
    {
        value = null;
        if (depth > Deepest || schema.ValueKind == JsonValueKind.False || !work.Node() || !work.Text(name.Length))
        {
            return false;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            value = JsonValue.Create(SampleText.Words(name, numbers));
            return true;
        }

        if (Flatten(schema, 0) is not { } flat)
        {
            return false;
        }

        if (flat.TryGetValue("const", out var constant))
        {
            value = ToNode(constant);
            return true;
        }

        if (flat.TryGetValue("enum", out var choices) && choices.GetArrayLength() > 0)
        {
            value = ToNode(choices[(int)numbers.Between(0, choices.GetArrayLength() - 1)]);
            return true;
        }

        return TryMakeTyped(flat, name, depth, out value);
    }

    private bool TryMakeTyped(Dictionary<string, JsonElement> schema, string name, int depth, out JsonNode? value)
    {
        value = null;
        switch (TypeOf(schema))
        {
            case "object":
                return TryMakeObject(schema, depth, out value);
            case "array":
                return TryMakeArray(schema, name, depth, out value);
            case "boolean":
                value = JsonValue.Create(numbers.Between(0, 1) == 1);
                return true;
            case "integer":
                value = SampleNumber.Make(schema, numbers, whole: true);
                return value is not null;
            case "number":
                value = SampleNumber.Make(schema, numbers, whole: false);
                return value is not null;
            case "null":
                return true;
            default:
                value = SampleText.Make(schema, name, numbers) is { } text && work.Text(text.Length) ? JsonValue.Create(text) : null;
                return value is not null;
        }
    }

    private bool TryMakeObject(Dictionary<string, JsonElement> schema, int depth, out JsonNode? value)
    {
        JsonObject made = [];
        value = made;
        var required = schema.TryGetValue("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        var properties = schema.TryGetValue("properties", out var declared) ? declared : JsonElement.Parse("{}");
        foreach (var property in properties.EnumerateObject())
        {
            var wanted = required.Contains(property.Name);
            if (!wanted && (!withOptional || depth >= DeepestOptional))
            {
                continue;
            }

            if (TryMake(property.Value, property.Name, depth + 1, out var member))
            {
                made[property.Name] = member;
            }
            else if (wanted)
            {
                return false;
            }
        }

        var other = schema.TryGetValue("additionalProperties", out var additional) ? additional : JsonElement.Parse("true");
        var fewest = schema.TryGetValue("minProperties", out var min) ? min.GetDouble() : 0;
        var more = required.Where(name => !made.ContainsKey(name)).Concat(Enumerable.Range(1, (int)Math.Min(fewest, 100)).Select(i => $"field{i}"));
        foreach (var name in more.TakeWhile(name => required.Contains(name) || made.Count < fewest).ToArray())
        {
            if (!TryMake(other, name, depth + 1, out var member))
            {
                return false;
            }

            made[name] = member;
        }

        return true;
    }

    private bool TryMakeArray(Dictionary<string, JsonElement> schema, string name, int depth, out JsonNode? value)
    {
        JsonArray made = [];
        value = made;
        var fewest = schema.TryGetValue("minItems", out var min) ? (int)Math.Min(min.GetDouble(), 1000) : 0;
        var most = schema.TryGetValue("maxItems", out var max) ? (int)Math.Min(max.GetDouble(), 1000) : fewest + 2;
        var count = depth >= DeepestOptional ? fewest : (int)numbers.Between(Math.Max(fewest, Math.Min(1, most)), Math.Max(fewest, Math.Min(most, fewest + 2)));
        var prefix = schema.TryGetValue("prefixItems", out var first) ? first.EnumerateArray().ToArray() : [];
        var rest = schema.TryGetValue("items", out var items) ? items : schema.TryGetValue("contains", out var contained) ? contained : JsonElement.Parse("true");
        count = Math.Min(Math.Max(count, Math.Min(prefix.Length, most)), rest.ValueKind == JsonValueKind.False ? prefix.Length : int.MaxValue);
        for (var i = 0; i < count; i++)
        {
            if (!TryMake(i < prefix.Length ? prefix[i] : rest, name, depth + 1, out var item))
            {
                return made.Count >= fewest;
            }

            made.Add(item);
        }

        return true;
    }

    /// <summary>One table of keywords: references followed, <c>allOf</c> laid together, one branch of <c>oneOf</c> and <c>anyOf</c> chosen.</summary>
    private Dictionary<string, JsonElement>? Flatten(JsonElement schema, int depth)
    {
        if (depth > Deepest || schema.ValueKind == JsonValueKind.False || !work.Node())
        {
            return null;
        }

        Dictionary<string, JsonElement> flat = new(StringComparer.Ordinal);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return flat;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            flat[keyword.Name] = keyword.Value;
        }

        List<JsonElement> parts = [];
        if (flat.Remove("$ref", out var reference))
        {
            if (SchemaPointer.Follow(root, reference.GetString()!) is not { } target)
            {
                return null;
            }

            parts.Add(target);
        }

        if (flat.Remove("allOf", out var all))
        {
            parts.AddRange(all.EnumerateArray());
        }

        foreach (var combiner in Combiners)
        {
            if (flat.Remove(combiner, out var branches))
            {
                parts.Add(branches[(int)numbers.Between(0, branches.GetArrayLength() - 1)]);
            }
        }

        foreach (var part in parts)
        {
            if (Flatten(part, depth + 1) is not { } more)
            {
                return null;
            }

            SchemaPointer.Merge(flat, more);
        }

        return flat;
    }

    private static string TypeOf(Dictionary<string, JsonElement> schema)
    {
        if (schema.TryGetValue("type", out var type))
        {
            return type.ValueKind == JsonValueKind.String
                ? type.GetString()!
                : type.EnumerateArray().Select(t => t.GetString()!).OrderBy(t => t == "null").First();
        }

        bool Has(params ReadOnlySpan<string> keywords)
        {
            foreach (var keyword in keywords)
            {
                if (schema.ContainsKey(keyword))
                {
                    return true;
                }
            }

            return false;
        }

        return Has("properties", "required", "minProperties", "additionalProperties") ? "object"
            : Has("items", "prefixItems", "minItems", "contains") ? "array"
            : Has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") ? "number"
            : "string";
    }

    private static JsonNode? ToNode(JsonElement value) => JsonNode.Parse(value.GetRawText());
}
