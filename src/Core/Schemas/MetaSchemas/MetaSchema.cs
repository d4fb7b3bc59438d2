using System.Collections.Frozen;
using System.Text.Json;
using Countersign.Schemas.Compilation;

namespace Countersign.Schemas.MetaSchemas;

/// <summary>The meta-schemas of draft 2020-12, which every reference may reach, and their compiled form.</summary>
internal static class MetaSchema
{
    private const string Base = "https://json-schema.org/draft/2020-12/";

    private static readonly FrozenDictionary<string, JsonElement> Documents = new Dictionary<string, string>
    {
        ["schema"] = MetaSchemaText.Schema,
        ["meta/core"] = MetaSchemaText.Core,
        ["meta/applicator"] = MetaSchemaText.Applicator,
        ["meta/unevaluated"] = MetaSchemaText.Unevaluated,
        ["meta/validation"] = MetaSchemaText.Validation,
        ["meta/meta-data"] = MetaSchemaText.MetaData,
        ["meta/format-annotation"] = MetaSchemaText.FormatAnnotation,
        ["meta/format-assertion"] = MetaSchemaText.FormatAssertion,
        ["meta/content"] = MetaSchemaText.Content,
    }.ToFrozenDictionary(d => Base + d.Key, d => JsonElement.Parse(d.Value), StringComparer.Ordinal);

    // Its work is proportional to the schema, whose size is bounded already.
    private static readonly Lazy<JsonSchema> Standard = new(() => Compile(Dialect.Standard.MetaSchema, SchemaOptions.Default with { MaxSteps = long.MaxValue })!);

    public static bool TryGet(string uri, out JsonElement document) => Documents.TryGetValue(uri, out document);

    /// <summary>The meta-schema of a dialect; null where it is not a valid schema.</summary>
    public static JsonSchema? Compiled(Dialect dialect, SchemaOptions options) =>
        dialect.MetaSchema == Dialect.Standard.MetaSchema ? Standard.Value : Compile(dialect.MetaSchema, options);

    private static JsonSchema? Compile(string uri, SchemaOptions options)
    {
        if (!Documents.TryGetValue(uri, out JsonElement document) && !options.Documents.TryGet(uri, out document))
        {
            return null;
        }

        // A schema document may be as deep as it likes within its own bound; the meta-schema must be able to look at all of it.
        SchemaOptions wide = options with { BaseUri = uri, MaxInstanceDepth = 200, AssertFormats = false };
        return JsonSchema.TryCompile(document, wide, checkMeta: false, out JsonSchema? compiled, out _) ? compiled : null;
    }
}
