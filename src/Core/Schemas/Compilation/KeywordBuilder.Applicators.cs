using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Keywords;
using Countersign.Schemas.Patterns;

namespace Countersign.Schemas.Compilation;

internal sealed partial class KeywordBuilder
{
    private void BuildMembers()
    {
        bool applies = dialect.Has(Vocabularies.Applicator);
        string[] required = dialect.Has(Vocabularies.Validation) ? Names("required") : [];
        Dictionary<string, SchemaNode> properties = applies ? SubschemaMap("properties") : [];
        (SafePattern, SchemaNode)[] patterns = applies ? PatternMap() : [];
        SchemaNode? additional = applies ? Subschema("additionalProperties") : null;
        if (properties.Count > 0 || patterns.Length > 0 || additional is not null || required.Length > 0)
        {
            built.Add(new MembersKeyword(node, properties, patterns, additional, required));
        }

        if (applies && Subschema("propertyNames") is { } names)
        {
            built.Add(new PropertyNamesKeyword(node, names));
        }
    }

    private (SafePattern, SchemaNode)[] PatternMap()
    {
        var patterns = new List<(SafePattern, SchemaNode)>();
        foreach ((string source, SchemaNode target) in SubschemaMap("patternProperties"))
        {
            if (Pattern(source, "patternProperties", source) is { } pattern)
            {
                patterns.Add((pattern, target));
            }
        }

        return [.. patterns];
    }

    private void BuildDependencies()
    {
        if (dialect.Has(Vocabularies.Validation))
        {
            BuildDependentRequired("dependentRequired", refuseOthers: true);
        }

        if (!dialect.Has(Vocabularies.Applicator))
        {
            return;
        }

        BuildDependentSchemas("dependentSchemas");

        // Replaced in 2019-09, still written: both halves of it, as the standard allows (Core 2020-12, appendix on compatibility).
        BuildDependentRequired("dependencies", refuseOthers: false);
        BuildDependentSchemas("dependencies");
    }

    private void BuildDependentRequired(string keyword, bool refuseOthers)
    {
        if (!Has(keyword, JsonValueKind.Object, "an object", out JsonElement map))
        {
            return;
        }

        var needs = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Array || refuseOthers)
            {
                needs.Add(entry.Name, NamesOf(entry.Value, keyword, entry.Name));
            }
        }

        if (needs.Count > 0)
        {
            built.Add(new DependentRequiredKeyword(node, keyword, needs));
        }
    }

    private void BuildDependentSchemas(string keyword)
    {
        Dictionary<string, SchemaNode> schemas = SubschemaMap(keyword, skipArrays: keyword == "dependencies");
        if (schemas.Count > 0)
        {
            built.Add(new DependentSchemasKeyword(node, keyword, schemas));
        }
    }

    private void BuildItems()
    {
        if (!dialect.Has(Vocabularies.Applicator))
        {
            return;
        }

        SchemaNode[] prefix = SubschemaList("prefixItems");
        SchemaNode? others = Subschema("items");
        if (prefix.Length > 0 || others is not null)
        {
            built.Add(new ItemsKeyword(node, prefix, others));
        }

        if (Subschema("contains") is { } wanted)
        {
            bool counts = dialect.Has(Vocabularies.Validation);
            built.Add(new ContainsKeyword(node, wanted, counts ? HasCount("minContains") : null, counts ? HasCount("maxContains") : null));
        }
    }

    private void BuildReferences()
    {
        if (Has("$ref", JsonValueKind.String, "a string", out JsonElement reference))
        {
            var keyword = new RefKeyword(node);
            built.Add(keyword);
            compiler.Queue(keyword, node, reference.GetString()!);
        }

        if (Has("$dynamicRef", JsonValueKind.String, "a string", out JsonElement dynamic))
        {
            var keyword = new DynamicRefKeyword(node);
            built.Add(keyword);
            compiler.Queue(keyword, node, dynamic.GetString()!);
        }
    }

    private void BuildCombinations()
    {
        SchemaNode[] all = SubschemaList("allOf");
        if (all.Length > 0)
        {
            built.Add(new AllOfKeyword(node, all));
        }

        foreach (string name in new[] { "anyOf", "oneOf" })
        {
            SchemaNode[] alternatives = SubschemaList(name);
            if (alternatives.Length > 0)
            {
                built.Add(new AlternativesKeyword(node, name, alternatives));
            }
        }

        if (Subschema("not") is { } refused)
        {
            built.Add(new NotKeyword(node, refused));
        }

        if (Subschema("if") is { } condition)
        {
            built.Add(new ConditionKeyword(node, condition, Subschema("then"), Subschema("else")));
        }
    }

    private void BuildUnevaluated()
    {
        if (!dialect.Has(Vocabularies.Unevaluated))
        {
            return;
        }

        if (Subschema("unevaluatedItems") is { } items)
        {
            built.Add(new UnevaluatedItemsKeyword(node, items));
        }

        if (Subschema("unevaluatedProperties") is { } members)
        {
            built.Add(new UnevaluatedPropertiesKeyword(node, members));
        }
    }

    /// <summary>Compiles what no keyword of this schema applies, such as definitions, so that its problems are found.</summary>
    private void CompileUnusedSubschemas()
    {
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (!dialect.TryGetSubschemas(member.Name, out SubschemaShape shape))
            {
                continue;
            }

            if (shape == SubschemaShape.One)
            {
                Subschema(member.Name);
            }
            else if (shape == SubschemaShape.Map)
            {
                SubschemaMap(member.Name, skipArrays: member.Name == "dependencies");
            }
        }
    }

    private SchemaNode? Subschema(string name) =>
        Has(name, out JsonElement value) ? Child(value, name) : null;

    private SchemaNode[] SubschemaList(string name)
    {
        var list = new List<SchemaNode>();
        if (Has(name, JsonValueKind.Array, "an array of schemas", out JsonElement array))
        {
            foreach (JsonElement item in array.EnumerateArray())
            {
                if (Child(item, name, list.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)) is { } child)
                {
                    list.Add(child);
                }
            }
        }

        return [.. list];
    }

    private Dictionary<string, SchemaNode> SubschemaMap(string name, bool skipArrays = false)
    {
        var map = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (Has(name, JsonValueKind.Object, "an object of schemas", out JsonElement entries))
        {
            foreach (JsonProperty entry in entries.EnumerateObject())
            {
                if (!(skipArrays && entry.Value.ValueKind == JsonValueKind.Array) && Child(entry.Value, name, entry.Name) is { } child)
                {
                    map.Add(entry.Name, child);
                }
            }
        }

        return map;
    }

    private SchemaNode? Child(JsonElement value, params ReadOnlySpan<string> place)
    {
        string pointer = PointerTo(place);
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            compiler.Problems.Add(node.Resource.Document, pointer, SchemaCodes.Invalid, "a schema is an object, true or false");
            return null;
        }

        SchemaResource resource = node.Resource.Document.Resources.GetValueOrDefault(pointer, node.Resource);
        return compiler.NodeAt(new SchemaPlace(resource, pointer, value));
    }

    private string[] Names(string keyword) => Has(keyword, out JsonElement list) ? NamesOf(list, keyword) : [];

    private string[] NamesOf(JsonElement list, params ReadOnlySpan<string> place)
    {
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String))
        {
            return [.. list.EnumerateArray().Select(n => n.GetString()!).Distinct(StringComparer.Ordinal)];
        }

        compiler.Problems.Add(node.Resource.Document, PointerTo(place), SchemaCodes.Invalid, "must be an array of field names");
        return [];
    }
}
