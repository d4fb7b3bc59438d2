using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Keywords;
using Countersign.Schemas.MetaSchemas;
using Countersign.Schemas.Patterns;

namespace Countersign.Schemas.Compilation;

/// <summary>
/// Turns a schema document into nodes. References wait in a queue, so that neither their number nor their cycles
/// deepen the stack.
/// </summary>
internal sealed class SchemaCompiler
{
    private readonly SchemaOptions options;
    private readonly SchemaLibrary library;
    private readonly ReferenceResolver resolver;
    private readonly Dictionary<(SchemaDocument Document, string Pointer), SchemaNode> nodes = [];
    private readonly Queue<(Keyword Keyword, SchemaNode Owner, string Reference)> pending = new();
    private readonly HashSet<string> dynamicNames = new(StringComparer.Ordinal);
    private int checkedDocuments;

    public SchemaCompiler(SchemaOptions options)
    {
        this.options = options;
        Problems = new ProblemList(options.MaxErrors);
        library = new SchemaLibrary(options, Problems);
        resolver = new ReferenceResolver(library);
    }

    public ProblemList Problems { get; }

    /// <summary>Whether any reference depends on the dynamic scope.</summary>
    public bool TracksScope => dynamicNames.Count > 0;

    /// <summary>Pays for looking into the schema's own values, whose number and depth are bounded already.</summary>
    public EvaluationRun Budget { get; } = new(SchemaOptions.Default with { MaxSteps = long.MaxValue, MaxInstanceDepth = 200 }, tracksScope: false);

    public PatternPool Patterns { get; } = new();

    public bool AssertFormats => options.AssertFormats;

    /// <summary>Compiles a document; null where it has problems.</summary>
    /// <param name="root">The document.</param>
    /// <param name="checkMeta">Whether documents must also obey their meta-schemas; not so for the meta-schemas themselves.</param>
    public SchemaNode? Compile(JsonElement root, bool checkMeta)
    {
        SchemaDocument? document = library.Load(options.BaseUri, root);
        if (document is null)
        {
            return null;
        }

        SchemaNode node = NodeAt(new SchemaPlace(document.Resources[""], "", root));
        do
        {
            ResolvePending();
            CompileDynamicAnchors();
            if (checkMeta)
            {
                CheckDocuments();
            }
        }
        while (pending.Count > 0);

        if (!Problems.Any)
        {
            RecursionCheck.Run(nodes.Values, Problems);
        }

        return Problems.Any ? null : node;
    }

    /// <summary>The node of a place, compiled at most once.</summary>
    public SchemaNode NodeAt(SchemaPlace place)
    {
        (SchemaDocument, string) key = (place.Resource.Document, place.Pointer);
        if (nodes.TryGetValue(key, out SchemaNode? node))
        {
            return node;
        }

        node = new SchemaNode(place.Resource, place.Pointer);
        nodes.Add(key, node);
        if (place.Schema.ValueKind == JsonValueKind.False)
        {
            node.RefuseAll();
        }
        else if (place.Schema.ValueKind == JsonValueKind.Object)
        {
            node.Fill(new KeywordBuilder(this, node, place.Schema).Build());
        }

        return node;
    }

    public void Queue(Keyword keyword, SchemaNode owner, string reference) => pending.Enqueue((keyword, owner, reference));

    private void ResolvePending()
    {
        while (pending.TryDequeue(out (Keyword Keyword, SchemaNode Owner, string Reference) next))
        {
            (Keyword keyword, SchemaNode owner, string reference) = next;
            if (!resolver.TryResolve(owner.Resource, reference, out SchemaPlace place, out string? anchor, out string obstacle))
            {
                Problems.Add(owner.Resource.Document, JsonPointer.Append(owner.Pointer, keyword.Name), SchemaCodes.UnresolvedReference, obstacle);
                continue;
            }

            SchemaNode target = NodeAt(place);
            if (keyword is RefKeyword plain)
            {
                plain.Target = target;
            }
            else if (keyword is DynamicRefKeyword dynamic)
            {
                dynamic.Initial = target;
                dynamic.Anchor = anchor;
                if (anchor is not null)
                {
                    dynamicNames.Add(anchor);
                }
            }
        }
    }

    private void CompileDynamicAnchors()
    {
        foreach (SchemaResource resource in library.Resources.ToArray())
        {
            foreach ((string name, SchemaAnchor anchor) in resource.Anchors)
            {
                if (anchor.Dynamic && dynamicNames.Contains(name) && !resource.DynamicNodes.ContainsKey(name))
                {
                    resource.DynamicNodes.Add(name, NodeAt(new SchemaPlace(resource, anchor.Pointer, anchor.Schema)));
                }
            }
        }
    }

    private void CheckDocuments()
    {
        for (; checkedDocuments < library.Documents.Count; checkedDocuments++)
        {
            SchemaDocument document = library.Documents[checkedDocuments];
            if (MetaSchema.TryGet(document.Uri, out _))
            {
                continue;
            }

            foreach (SchemaResource resource in document.Resources.Values.DistinctBy(r => r.Dialect.MetaSchema).ToArray())
            {
                CheckResource(resource);
            }
        }
    }

    private void CheckResource(SchemaResource resource)
    {
        JsonSchema? meta = MetaSchema.Compiled(resource.Dialect, options);
        if (meta is null)
        {
            Problems.Add(resource.Document, resource.Pointer, SchemaCodes.UnsupportedDialect, $"the meta-schema {resource.Dialect.MetaSchema} is itself not a valid schema");
            return;
        }

        foreach (SchemaError error in meta.Validate(resource.Root).Errors)
        {
            string code = error.Code == SchemaCodes.Mismatch ? SchemaCodes.Invalid : error.Code;
            Problems.Add(resource.Document, resource.Pointer + error.InstanceLocation, code, error.Message);
        }
    }
}
