using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Countersign.Api.OpenApi;

/// <summary>The JSON Schemas of the types that bodies and answers are made of, exported from how they are really written and read.</summary>
internal sealed class SchemaComponents
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Mend };

    private readonly SortedDictionary<string, JsonNode> schemas = new(StringComparer.Ordinal);

    /// <summary>All schemas by name.</summary>
    public JsonObject ToJson() => new(schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value.DeepClone())));

    /// <summary>A reference to the schema of a type.</summary>
    public JsonObject Reference(Type type)
    {
        if (!schemas.ContainsKey(type.Name))
        {
            var schema = ApiJson.Default.GetTypeInfo(type)!.GetJsonSchemaAsNode(Options);
            Rebase(schema, "#/components/schemas/" + type.Name);
            schemas.Add(type.Name, schema);
        }

        return new JsonObject { ["$ref"] = "#/components/schemas/" + type.Name };
    }

    // The exporter points from a repeated type to where it stood first, from the root of its own document.
    private static void Rebase(JsonNode? node, string root)
    {
        if (node is JsonObject map)
        {
            if (map["$ref"] is JsonValue reference && reference.GetValue<string>() is ['#', .. var rest])
            {
                map["$ref"] = root + rest;
            }

            foreach (var (_, child) in map)
            {
                Rebase(child, root);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list)
            {
                Rebase(child, root);
            }
        }
    }

    // What is null is not written, so it is required neither way, and never null.
    private static JsonNode Mend(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        if (context.TypeInfo.Kind is JsonTypeInfoKind.Object && schema["required"] is JsonArray required)
        {
            var nullable = context.TypeInfo.Properties.Where(property => property.IsGetNullable).Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
            var left = required.Select(name => name!.GetValue<string>()).Where(name => !nullable.Contains(name)).ToArray();
            schema.Remove("required");
            if (left.Length > 0)
            {
                schema["required"] = new JsonArray([.. left.Select(name => (JsonNode)name)]);
            }
        }

        return schema;
    }
}
