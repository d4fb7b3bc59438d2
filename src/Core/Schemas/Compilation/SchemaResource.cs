using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Compilation;

/// <summary>A schema document: one JSON value with at least one schema resource, its root.</summary>
internal sealed class SchemaDocument(string uri, JsonElement root)
{
    /// <summary>What the document is known by, without regard to its <c>$id</c>.</summary>
    public string Uri => uri;

    public JsonElement Root => root;

    /// <summary>The resources by the pointer of their roots; the document's own is at the empty pointer.</summary>
    public Dictionary<string, SchemaResource> Resources { get; } = new(StringComparer.Ordinal);
}

/// <summary>A schema resource: a schema with an identifier of its own and the anchors inside it (Core 2020-12, section 4.3.5).</summary>
internal sealed class SchemaResource(string uri, SchemaDocument document, string pointer, JsonElement root, Dialect dialect)
{
    /// <summary>The base URI: absolute, without a fragment.</summary>
    public string Uri => uri;

    public SchemaDocument Document => document;

    /// <summary>Where the resource starts in its document.</summary>
    public string Pointer => pointer;

    public JsonElement Root => root;

    public Dialect Dialect => dialect;

    /// <summary>The places of the anchors, and whether each is dynamic.</summary>
    public Dictionary<string, SchemaAnchor> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>The schemas of the dynamic anchors that some reference may lead to; filled while compiling.</summary>
    public Dictionary<string, SchemaNode> DynamicNodes { get; } = new(StringComparer.Ordinal);

    /// <summary>A place of the document, from the root of the resource.</summary>
    public string Relative(string place) => place[pointer.Length..];
}

/// <summary>A named place: its pointer in the document, its schema, and whether <c>$dynamicRef</c> may override it.</summary>
internal sealed record SchemaAnchor(string Pointer, JsonElement Schema, bool Dynamic);

/// <summary>A schema and the resource it belongs to.</summary>
internal readonly record struct SchemaPlace(SchemaResource Resource, string Pointer, JsonElement Schema);
