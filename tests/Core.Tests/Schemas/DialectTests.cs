using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class DialectTests
{
    private static SchemaOptions With(string vocabularies, string extra = "") => new()
    {
        Documents = SchemaSet.Empty.Add("https://example.com/meta", Json($$"""
            { "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/meta", "$dynamicAnchor": "meta", "$vocabulary": { {{vocabularies}} } {{extra}} }
            """)),
    };

    [Fact]
    public void Vocabulary_WithoutValidation_IgnoresItsKeywords()
    {
        SchemaOptions options = With("""
            "https://json-schema.org/draft/2020-12/vocab/core": true, "https://json-schema.org/draft/2020-12/vocab/applicator": true
            """);

        Assert.True(Accepts("""{ "$schema": "https://example.com/meta", "properties": { "n": { "minimum": 10 } } }""", """{"n":1}""", options));
        Assert.False(Accepts("""{ "$schema": "https://example.com/meta", "properties": { "n": false } }""", """{"n":1}""", options));
    }

    [Fact]
    public void Vocabulary_WithoutApplicator_IgnoresItsKeywords()
    {
        SchemaOptions options = With("""
            "https://json-schema.org/draft/2020-12/vocab/core": true, "https://json-schema.org/draft/2020-12/vocab/validation": true
            """);

        Assert.True(Accepts("""{ "$schema": "https://example.com/meta", "not": true }""", "1", options));
        Assert.False(Accepts("""{ "$schema": "https://example.com/meta", "maximum": 0 }""", "1", options));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Vocabulary_FormatAssertion_MakesFormatsRules(string required)
    {
        SchemaOptions options = With($$"""
            "https://json-schema.org/draft/2020-12/vocab/core": true, "https://json-schema.org/draft/2020-12/vocab/format-assertion": {{required}}
            """);

        Assert.False(Accepts("""{ "$schema": "https://example.com/meta", "format": "date" }""", "\"31.1.2026\"", options));
        Assert.Equal(SchemaCodes.UnknownFormat, ProblemCode("""{ "$schema": "https://example.com/meta", "format": "colour" }""", options));
    }

    [Fact]
    public void Vocabulary_RequiredAndUnknown_IsRefused()
    {
        const string core = "\"https://json-schema.org/draft/2020-12/vocab/core\": true, ";

        Assert.Equal(SchemaCodes.UnknownVocabulary, ProblemCode("""{ "$schema": "https://example.com/meta" }""", With(core + "\"https://example.com/vocab\": true")));
        Assert.True(Accepts("""{ "$schema": "https://example.com/meta" }""", "1", With(core + "\"https://example.com/vocab\": false")));
    }

    [Fact]
    public void MetaSchema_OfTheUser_IsEnforced()
    {
        SchemaOptions options = With("\"https://json-schema.org/draft/2020-12/vocab/core\": true", ", \"required\": [\"title\"]");

        SchemaProblem problem = Assert.Single(Problems("""{ "$schema": "https://example.com/meta" }""", options));

        Assert.Equal((SchemaCodes.Invalid, "title: is required"), (problem.Code, problem.Message));
        Assert.True(Accepts("""{ "$schema": "https://example.com/meta", "title": "t" }""", "1", options));
    }

    [Theory]
    [InlineData("http://json-schema.org/draft-07/schema#")]
    [InlineData("https://json-schema.org/draft/2019-09/schema")]
    [InlineData("https://example.com/unheard-of")]
    public void Schema_OtherDialect_IsRefused(string dialect) =>
        Assert.Equal(SchemaCodes.UnsupportedDialect, ProblemCode($$"""{ "$schema": "{{dialect}}" }"""));

    [Fact]
    public void Schema_OwnDialectWithHash_IsKnown() =>
        Assert.False(Accepts("""{ "$schema": "https://json-schema.org/draft/2020-12/schema#", "type": "string" }""", "1"));
}
