using System.Text.Json;
using Countersign.Schemas.MetaSchemas;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Compilation;

/// <summary>The documents one compilation works with: the schema, and what its references reach. Finds resources by URI.</summary>
internal sealed class SchemaLibrary(SchemaOptions options, ProblemList problems)
{
    private readonly Dictionary<string, SchemaResource> resources = new(StringComparer.Ordinal);
    private readonly HashSet<string> missing = new(StringComparer.Ordinal);
    private readonly List<SchemaDocument> documents = [];

    /// <summary>All documents taken in so far, in that order.</summary>
    public IReadOnlyList<SchemaDocument> Documents => documents;

    public IEnumerable<SchemaResource> Resources => documents.SelectMany(d => d.Resources.Values);

    /// <summary>Takes a document in: measures it, finds its resources and anchors. Null where it cannot be used; the problems say why.</summary>
    public SchemaDocument? Load(string uri, JsonElement root)
    {
        var document = new SchemaDocument(uri, root);
        if (!new SchemaMeasure(document, options, problems).Passes())
        {
            return null;
        }

        documents.Add(document);
        new ResourceScan(document, this, problems).Run();
        resources.TryAdd(uri, document.Resources[""]);
        return document;
    }

    /// <summary>Notes a resource; false where another one has its URI.</summary>
    public bool TryAdd(SchemaResource resource) =>
        resources.TryAdd(resource.Uri, resource) || ReferenceEquals(resources[resource.Uri], resource);

    /// <summary>The resource of a URI, out of what is loaded, the schema set or the meta-schemas.</summary>
    public SchemaResource? Find(string uri)
    {
        if (resources.TryGetValue(uri, out SchemaResource? found) || missing.Contains(uri))
        {
            return found;
        }

        if (!options.Documents.TryGet(uri, out JsonElement root) && !MetaSchema.TryGet(uri, out root))
        {
            missing.Add(uri);
            return null;
        }

        Load(uri, root);
        return resources.GetValueOrDefault(uri);
    }

    /// <summary>The dialect that <c>$schema</c> names (Core 2020-12, section 8.1.1); null, with a problem noted, where it is not known.</summary>
    public Dialect? DialectOf(string metaSchema, SchemaDocument document, string pointer)
    {
        string uri = metaSchema.EndsWith('#') ? metaSchema[..^1] : metaSchema;
        if (uri == Dialect.Standard.MetaSchema)
        {
            return Dialect.Standard;
        }

        if (!options.Documents.TryGet(uri, out JsonElement meta))
        {
            string hint = uri.Contains("json-schema.org/draft", StringComparison.Ordinal)
                ? "only draft 2020-12 is supported"
                : "its meta-schema is not among the given documents";
            problems.Add(document, pointer, SchemaCodes.UnsupportedDialect, $"the dialect {metaSchema} is not known: {hint}");
            return null;
        }

        Vocabularies vocabularies = Vocabularies.Standard;
        if (meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("$vocabulary", out JsonElement declared) && declared.ValueKind == JsonValueKind.Object)
        {
            vocabularies = ReadVocabularies(declared, document, pointer);
        }

        return new Dialect(uri, vocabularies);
    }

    private Vocabularies ReadVocabularies(JsonElement declared, SchemaDocument document, string pointer)
    {
        Vocabularies all = Vocabularies.Core;
        foreach (JsonProperty entry in declared.EnumerateObject())
        {
            string uri = JsonText.Display(JsonText.NameOf(entry));
            Vocabularies one = Dialect.VocabularyOf(uri);
            all |= one;
            if (one == Vocabularies.None && entry.Value.ValueKind == JsonValueKind.True)
            {
                problems.Add(document, pointer, SchemaCodes.UnknownVocabulary, $"the meta-schema requires the vocabulary {uri}, which is not known");
            }
        }

        return all;
    }
}
