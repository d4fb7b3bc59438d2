using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Ai;

/// <summary>Finds and joins the parts of one schema document.</summary>
internal static class SchemaPointer
{
    /// <summary>What a reference within the document (<c>#</c>, <c>#/…</c>) means; null for anything else.</summary>
    public static JsonElement? Follow(JsonElement root, string reference)
    {
        if (!reference.StartsWith('#') || (reference.Length > 1 && reference[1] != '/'))
        {
            return null;
        }

        var at = root;
        foreach (var token in Uri.UnescapeDataString(reference).Split('/').Skip(1))
        {
            var key = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(key, out var member))
            {
                at = member;
            }
            else if (at.ValueKind == JsonValueKind.Array
                && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < at.GetArrayLength())
            {
                at = at[index];
            }
            else
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>Lays the keywords of one schema over those of another: names are joined, the tighter bound counts, else what was there first.</summary>
    public static void Merge(Dictionary<string, JsonElement> into, Dictionary<string, JsonElement> more)
    {
        foreach (var (keyword, value) in more)
        {
            if (!into.TryGetValue(keyword, out var there))
            {
                into[keyword] = value;
                continue;
            }

            into[keyword] = keyword switch
            {
                "properties" or "$defs" => Members(there, value),
                "required" => Names(there, value),
                "minimum" or "exclusiveMinimum" or "minLength" or "minItems" or "minProperties" => there.GetDouble() >= value.GetDouble() ? there : value,
                "maximum" or "exclusiveMaximum" or "maxLength" or "maxItems" or "maxProperties" => there.GetDouble() <= value.GetDouble() ? there : value,
                _ => there,
            };
        }
    }

    private static JsonElement Members(JsonElement first, JsonElement second)
    {
        var joined = JsonObject.Create(second)!.DeepClone().AsObject();
        foreach (var member in first.EnumerateObject())
        {
            joined[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }

        return JsonElement.Parse(joined.ToJsonString());
    }

    private static JsonElement Names(JsonElement first, JsonElement second)
    {
        JsonArray joined = [.. first.EnumerateArray().Concat(second.EnumerateArray()).Select(name => (JsonNode?)JsonValue.Create(name.GetString())).DistinctBy(name => name!.ToString())];
        return JsonElement.Parse(joined.ToJsonString());
    }
}
