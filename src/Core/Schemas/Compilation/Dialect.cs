using System.Collections.Frozen;

namespace Countersign.Schemas.Compilation;

/// <summary>The vocabularies of 2020-12.</summary>
[Flags]
internal enum Vocabularies
{
    None = 0,
    Core = 1,
    Applicator = 2,
    Unevaluated = 4,
    Validation = 8,
    MetaData = 16,
    FormatAnnotation = 32,
    FormatAssertion = 64,
    Content = 128,
    Standard = Core | Applicator | Unevaluated | Validation | MetaData | FormatAnnotation | Content,
}

/// <summary>How a keyword holds subschemas.</summary>
internal enum SubschemaShape
{
    One,
    List,
    Map,
}

/// <summary>The keywords a schema resource may use: those of the vocabularies its meta-schema names (Core 2020-12, section 8.1.2).</summary>
/// <param name="MetaSchema">URI of the meta-schema.</param>
/// <param name="Vocabularies">The vocabularies in use; core always is.</param>
internal sealed record Dialect(string MetaSchema, Vocabularies Vocabularies)
{
    private const string Prefix = "https://json-schema.org/draft/2020-12/vocab/";

    private static readonly FrozenDictionary<string, (Vocabularies Vocabulary, SubschemaShape Shape)> Places =
        new Dictionary<string, (Vocabularies, SubschemaShape)>
        {
            ["$defs"] = (Vocabularies.Core, SubschemaShape.Map),
            ["definitions"] = (Vocabularies.Core, SubschemaShape.Map),
            ["prefixItems"] = (Vocabularies.Applicator, SubschemaShape.List),
            ["items"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["contains"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["properties"] = (Vocabularies.Applicator, SubschemaShape.Map),
            ["patternProperties"] = (Vocabularies.Applicator, SubschemaShape.Map),
            ["additionalProperties"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["propertyNames"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["dependentSchemas"] = (Vocabularies.Applicator, SubschemaShape.Map),
            ["dependencies"] = (Vocabularies.Applicator, SubschemaShape.Map),
            ["if"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["then"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["else"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["allOf"] = (Vocabularies.Applicator, SubschemaShape.List),
            ["anyOf"] = (Vocabularies.Applicator, SubschemaShape.List),
            ["oneOf"] = (Vocabularies.Applicator, SubschemaShape.List),
            ["not"] = (Vocabularies.Applicator, SubschemaShape.One),
            ["unevaluatedItems"] = (Vocabularies.Unevaluated, SubschemaShape.One),
            ["unevaluatedProperties"] = (Vocabularies.Unevaluated, SubschemaShape.One),
            ["contentSchema"] = (Vocabularies.Content, SubschemaShape.One),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The dialect of the standard's own meta-schema.</summary>
    public static Dialect Standard { get; } = new("https://json-schema.org/draft/2020-12/schema", Vocabularies.Standard);

    public bool Has(Vocabularies vocabulary) => (Vocabularies & vocabulary) != 0;

    /// <summary>Whether a keyword of this dialect holds subschemas, and how.</summary>
    public bool TryGetSubschemas(string keyword, out SubschemaShape shape)
    {
        bool found = Places.TryGetValue(keyword, out (Vocabularies Vocabulary, SubschemaShape Shape) place) && Has(place.Vocabulary);
        shape = place.Shape;
        return found;
    }

    /// <summary>The vocabulary of a URI; none where it is not one of the standard's.</summary>
    public static Vocabularies VocabularyOf(string uri) => !uri.StartsWith(Prefix, StringComparison.Ordinal)
        ? Vocabularies.None
        : uri[Prefix.Length..] switch
        {
            "core" => Vocabularies.Core,
            "applicator" => Vocabularies.Applicator,
            "unevaluated" => Vocabularies.Unevaluated,
            "validation" => Vocabularies.Validation,
            "meta-data" => Vocabularies.MetaData,
            "format-annotation" => Vocabularies.FormatAnnotation,
            "format-assertion" => Vocabularies.FormatAssertion,
            "content" => Vocabularies.Content,
            _ => Vocabularies.None,
        };
}
