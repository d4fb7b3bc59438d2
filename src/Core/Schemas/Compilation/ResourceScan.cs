using System.Text.Json;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Compilation;

/// <summary>
/// Finds the schema resources and anchors of a document. Only places the dialect calls schemas count: an <c>$id</c> inside
/// <c>const</c>, <c>enum</c> or an unknown keyword is data.
/// </summary>
internal sealed class ResourceScan(SchemaDocument document, SchemaLibrary library, ProblemList problems)
{
    public void Run() => Visit(document.Root, "", null);

    private void Visit(JsonElement schema, string pointer, SchemaResource? parent)
    {
        SchemaResource resource = ResourceAt(schema, pointer, parent);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        NoteAnchor(schema, "$anchor", dynamic: false, pointer, resource);
        NoteAnchor(schema, "$dynamicAnchor", dynamic: true, pointer, resource);
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (resource.Dialect.TryGetSubschemas(member.Name, out SubschemaShape shape))
            {
                VisitMember(member.Value, shape, JsonPointer.Append(pointer, member.Name), resource);
            }
        }
    }

    private void VisitMember(JsonElement value, SubschemaShape shape, string pointer, SchemaResource resource)
    {
        if (shape == SubschemaShape.One)
        {
            Visit(value, pointer, resource);
        }
        else if (shape == SubschemaShape.List && value.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Visit(item, JsonPointer.Append(pointer, index++), resource);
            }
        }
        else if (shape == SubschemaShape.Map && value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty entry in value.EnumerateObject())
            {
                Visit(entry.Value, JsonPointer.Append(pointer, entry.Name), resource);
            }
        }
    }

    private SchemaResource ResourceAt(JsonElement schema, string pointer, SchemaResource? parent)
    {
        bool identified = TryGetText(schema, "$id", out string id);
        if (parent is not null && !identified)
        {
            return parent;
        }

        string outer = parent?.Uri ?? document.Uri;
        string uri = identified ? UriText.Resolve(outer, id) : outer;
        if (uri.IndexOf('#', StringComparison.Ordinal) is var hash and >= 0)
        {
            if (hash < uri.Length - 1)
            {
                problems.Add(document, JsonPointer.Append(pointer, "$id"), SchemaCodes.Invalid, "$id must not have a fragment; use $anchor to name a place");
            }

            uri = uri[..hash];
        }

        Dialect dialect = parent?.Dialect ?? Dialect.Standard;
        if (TryGetText(schema, "$schema", out string metaSchema))
        {
            dialect = library.DialectOf(metaSchema, document, JsonPointer.Append(pointer, "$schema")) ?? dialect;
        }

        var resource = new SchemaResource(uri, document, pointer, schema, dialect);
        document.Resources.Add(pointer, resource);
        if (!library.TryAdd(resource))
        {
            problems.Add(document, JsonPointer.Append(pointer, "$id"), SchemaCodes.DuplicateIdentifier, $"{uri} already identifies another schema");
        }

        return resource;
    }

    private void NoteAnchor(JsonElement schema, string keyword, bool dynamic, string pointer, SchemaResource resource)
    {
        if (!TryGetText(schema, keyword, out string name))
        {
            return;
        }

        if (!resource.Anchors.TryAdd(name, new SchemaAnchor(pointer, schema, dynamic)))
        {
            if (resource.Anchors[name].Pointer == pointer)
            {
                resource.Anchors[name] = new SchemaAnchor(pointer, schema, Dynamic: true);
                return;
            }

            problems.Add(document, JsonPointer.Append(pointer, keyword), SchemaCodes.DuplicateIdentifier, $"the anchor {name} is already taken in {resource.Uri}");
        }
    }

    private static bool TryGetText(JsonElement schema, string keyword, out string text)
    {
        text = "";
        return schema.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty(keyword, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            && JsonText.TryGetString(value, out text);
    }
}
