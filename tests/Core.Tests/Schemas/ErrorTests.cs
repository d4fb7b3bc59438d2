using System.Text;
using System.Text.Json;
using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("""{ "properties": { "total": { "type": "number" } } }""", """{"total":"9"}""", "total: must be a number, is a string")]
    [InlineData("""{ "properties": { "n": { "type": "integer" } } }""", """{"n":1.5}""", "n: must be an integer, is a number with a fraction")]
    [InlineData("""{ "type": ["string", "null", "array"] }""", "true", "the document: must be null, a string or an array, is a boolean")]
    [InlineData("""{ "required": ["total"] }""", "{}", "total: is required")]
    [InlineData("""{ "properties": { "a": { "required": ["b"] } } }""", """{"a":{}}""", "a.b: is required")]
    [InlineData("""{ "items": { "required": ["sku"] } }""", """[{"sku":1},{}]""", "[1].sku: is required")]
    [InlineData("""{ "properties": { "lines": { "items": { "properties": { "qty": { "minimum": 1 } } } } } }""", """{"lines":[{"qty":0}]}""", "lines[0].qty: must be at least 1")]
    [InlineData("""{ "exclusiveMinimum": 1 }""", "1", "the document: must be more than 1")]
    [InlineData("""{ "maximum": 1.50 }""", "2", "the document: must be at most 1.50")]
    [InlineData("""{ "exclusiveMaximum": 1 }""", "1", "the document: must be less than 1")]
    [InlineData("""{ "multipleOf": 0.01 }""", "0.001", "the document: must be a multiple of 0.01")]
    [InlineData("""{ "minLength": 1 }""", "\"\"", "the document: must have at least 1 character, has 0")]
    [InlineData("""{ "maxLength": 2 }""", "\"abc\"", "the document: must have at most 2 characters, has 3")]
    [InlineData("""{ "pattern": "^a$" }""", "\"b\"", "the document: must match the pattern ^a$")]
    [InlineData("""{ "enum": ["a", 2] }""", "3", "the document: must be one of \"a\", 2")]
    [InlineData("""{ "enum": ["a"] }""", "3", "the document: must be \"a\"")]
    [InlineData("""{ "enum": [] }""", "3", "the document: has no allowed value")]
    [InlineData("""{ "const": {"a": 1} }""", "3", "the document: must be {\"a\": 1}")]
    [InlineData("""{ "minItems": 2 }""", "[1]", "the document: must have at least 2 items, has 1")]
    [InlineData("""{ "maxProperties": 0 }""", """{"a":1}""", "the document: must have at most 0 fields, has 1")]
    [InlineData("""{ "uniqueItems": true }""", "[1,2,1]", "the document: must not repeat an item, items 0 and 2 are equal")]
    [InlineData("""{ "contains": { "const": 1 } }""", "[]", "the document: must have at least 1 matching item, has 0")]
    [InlineData("""{ "contains": { "const": 1 }, "maxContains": 1 }""", "[1,1]", "the document: must have at most 1 matching item, has 2")]
    [InlineData("""{ "additionalProperties": false }""", """{"x y":1}""", "x y: is not allowed")]
    [InlineData("""{ "propertyNames": { "maxLength": 1 } }""", """{"ab":1}""", "the name ab: must have at most 1 character, has 2")]
    [InlineData("""{ "dependentRequired": { "a": ["b"] } }""", """{"a":1}""", "b: is required when a is given")]
    [InlineData("""{ "not": {} }""", "1", "the document: must not match what \"not\" describes, does")]
    [InlineData("""{ "oneOf": [true, {}] }""", "1", "the document: must match exactly one of 2 alternatives, matches 2")]
    [InlineData("""{ "unevaluatedProperties": false }""", """{"x":1}""", "x: is not allowed")]
    [InlineData("""{ "if": true, "then": { "minimum": 5 } }""", "1", "the document: must be at least 5")]
    public void Message_EachKeyword_NamesFieldAndRule(string schema, string instance, string expected) =>
        Assert.Equal(expected, OnlyError(schema, instance).Message);

    [Fact]
    public void Locations_ThroughReference_FollowBothPaths()
    {
        SchemaError error = OnlyError("""
            { "$id": "https://example.com/order", "properties": { "a/b": { "items": { "$ref": "#/$defs/p%C3%A9" } } }, "$defs": { "pé": { "properties": { "~": { "type": "null" } } } } }
            """, """{"a/b":[0,{"~":1}]}""");

        Assert.Equal("/properties/a~1b/items/$ref/properties/~0/type", error.KeywordLocation);
        Assert.Equal("https://example.com/order#/$defs/p%C3%A9/properties/~0/type", error.AbsoluteKeywordLocation);
        Assert.Equal("/a~1b/1/~0", error.InstanceLocation);
        Assert.Equal(SchemaCodes.Mismatch, error.Code);
    }

    [Fact]
    public void Locations_EmbeddedResource_StartAtItsRoot() => Assert.Equal(
        "https://example.com/inner#/type",
        OnlyError("""{ "properties": { "a": { "$id": "https://example.com/inner", "type": "null" } } }""", """{"a":1}""").AbsoluteKeywordLocation);

    [Fact]
    public void Errors_SeveralRules_AreAllListedInOrder()
    {
        SchemaResult result = Schema("""
            { "required": ["id"], "properties": { "a": { "type": "string" }, "b": { "minimum": 3, "multipleOf": 2 } }, "additionalProperties": false }
            """).Validate(Json("""{"a":1,"b":1,"c":1}"""));

        Assert.Equal(
            ["a: must be a string, is a number", "b: must be at least 3", "b: must be a multiple of 2", "c: is not allowed", "id: is required"],
            result.Errors.Select(e => e.Message));
    }

    [Fact]
    public void Errors_NoAlternative_ListSummaryAndBranches()
    {
        SchemaResult result = Schema("""{ "anyOf": [{ "type": "string" }, { "minimum": 5 }] }""").Validate(Json("1"));

        Assert.Equal(["/anyOf", "/anyOf/0/type", "/anyOf/1/minimum"], result.Errors.Select(e => e.KeywordLocation));
        Assert.Equal("the document: must match at least one of 2 alternatives, matches none", result.Errors[0].Message);
    }

    [Fact]
    public void Errors_FailedSubschema_HidesWhatOnlySeemsUnevaluated() => Assert.Equal(
        "a: must be a string, is a number",
        OnlyError("""{ "allOf": [{ "properties": { "a": { "type": "string" }, "b": true } }], "unevaluatedProperties": false }""", """{"a":1,"b":2}""").Message);

    [Fact]
    public void Errors_MoreThanTheLimit_AreCutAndSaidSo()
    {
        var options = new SchemaOptions { MaxErrors = 3 };
        SchemaResult result = Schema("""{ "items": { "type": "string" } }""", options).Validate(Json("[1,2,3,4,5]"));

        Assert.Equal(3, result.Errors.Length);
        Assert.True(result.Truncated);
        Assert.False(Schema("""{ "items": { "type": "string" } }""").Validate(Json("[1,2,3,4,5]")).Truncated);
    }

    [Fact]
    public void Messages_Values_NeverAppear()
    {
        const string secret = "hunter2-hunter2";
        const string schema = """
            { "type": "object", "properties": { "p": { "type": "number", "enum": [1], "const": 1, "pattern": "^a", "format": "date", "maxLength": 3, "not": { "type": "string" }, "anyOf": [{ "const": "x" }] } } }
            """;

        SchemaResult result = Schema(schema, new SchemaOptions { AssertFormats = true }).Validate(Json($$"""{ "p": "{{secret}}" }"""));

        Assert.True(result.Errors.Length >= 8);
        Assert.DoesNotContain(result.Errors, e => e.ToString().Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Message_LongFieldName_IsCut() => Assert.InRange(
        OnlyError("""{ "additionalProperties": false }""", $$"""{ "{{new string('n', 5000)}}": 1 }""").Message.Length, 200, 260);

    [Fact]
    public void WriteBasicOutput_Errors_HasTheStandardsShape()
    {
        Assert.Equal("""{"valid":true}""", Basic("true", "1"));
        Assert.Equal(
            """{"valid":false,"errors":[{"keywordLocation":"/type","absoluteKeywordLocation":"https://schema.invalid/#/type","instanceLocation":"","error":"the document: must be null, is a number"}]}""",
            Basic("""{ "type": "null" }""", "1"));
    }

    [Theory]
    [InlineData("""{ "type": "sting" }""", SchemaCodes.Invalid, "/type")]
    [InlineData("""{ "minLength": -1 }""", SchemaCodes.Invalid, "/minLength")]
    [InlineData("""{ "minLength": 1.5 }""", SchemaCodes.Invalid, "/minLength")]
    [InlineData("""{ "multipleOf": 0 }""", SchemaCodes.Invalid, "/multipleOf")]
    [InlineData("""{ "required": "a" }""", SchemaCodes.Invalid, "/required")]
    [InlineData("""{ "properties": { "a": 1 } }""", SchemaCodes.Invalid, "/properties/a")]
    [InlineData("""{ "items": [{}] }""", SchemaCodes.Invalid, "/items")]
    [InlineData("""{ "allOf": [] }""", SchemaCodes.Invalid, "/allOf")]
    [InlineData("""{ "$id": "a#b" }""", SchemaCodes.Invalid, "/$id")]
    [InlineData("""{ "$anchor": "1a" }""", SchemaCodes.Invalid, "/$anchor")]
    [InlineData("""{ "title": 1 }""", SchemaCodes.Invalid, "/title")]
    [InlineData("""{ "pattern": "(" }""", SchemaCodes.PatternSyntax, "/pattern")]
    [InlineData("""{ "a": 1, "a": 2 }""", SchemaCodes.DuplicateName, "/a")]
    [InlineData("""{ "const": "\uD800" }""", SchemaCodes.Invalid, "/const")]
    [InlineData("""{ "x": { "type": 1 }, "$ref": "#/x" }""", SchemaCodes.Invalid, "/x/type")]
    [InlineData("1", SchemaCodes.Invalid, "")]
    public void Compile_BadSchema_SaysWhereAndWhat(string schema, string code, string pointer)
    {
        SchemaProblem problem = Assert.Single(Problems(schema));

        Assert.Equal((code, pointer), (problem.Code, problem.Pointer));
        var thrown = Assert.Throws<SchemaException>(() => Schema(schema));
        Assert.Equal((code, pointer), (thrown.Code, thrown.Pointer));
        Assert.Contains(problem.Message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_SeveralProblems_ListsAllOfThem()
    {
        IReadOnlyList<SchemaProblem> problems = Problems("""
            { "properties": { "a": { "pattern": "(?=x)" }, "b": { "$ref": "#/nowhere" }, "c": { "type": "text" } }, "$defs": { "unused": { "pattern": "[" } } }
            """);

        Assert.Equal(
            ["/$defs/unused/pattern", "/properties/a/pattern", "/properties/b/$ref", "/properties/c/type"],
            problems.Select(p => p.Pointer).Order(StringComparer.Ordinal));
        Assert.EndsWith("(and 3 more)", Assert.Throws<SchemaException>(() => Schema("""
            { "properties": { "a": { "pattern": "(?=x)" }, "b": { "$ref": "#/nowhere" }, "c": { "type": "text" } }, "$defs": { "unused": { "pattern": "[" } } }
            """)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_NoValue_IsTheCallersMistake()
    {
        Assert.Throws<ArgumentException>(() => JsonSchema.Compile(default));
        Assert.Throws<ArgumentException>(() => Schema("true").IsValid(default));
        Assert.Throws<ArgumentException>(() => Schema("true", new SchemaOptions { BaseUri = "relative" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schema("true", new SchemaOptions { MaxErrors = 0 }));
    }

    [Fact]
    public void Document_AfterTheSourceIsGone_IsStillThere()
    {
        JsonSchema schema;
        using (JsonDocument source = JsonDocument.Parse("""{ "const": { "a": 1 } }"""))
        {
            schema = JsonSchema.Compile(source.RootElement);
        }

        Assert.Equal("""{ "const": { "a": 1 } }""", schema.Document.GetRawText());
        Assert.True(schema.IsValid(Json("""{"a":1}""")));
    }

    [Fact]
    public void Codes_Each_HaveAPage()
    {
        string[] codes = [.. typeof(SchemaCodes).GetFields().Select(f => (string)f.GetValue(null)!)];
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Serverless.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        string[] pages = [.. Directory.GetFiles(Path.Combine(root, "docs", "errors"), "schema.*.md").Select(p => Path.GetFileNameWithoutExtension(p)!)];
        Assert.Equal(codes.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    private static string Basic(string schema, string instance)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Schema(schema).Validate(Json(instance)).WriteBasicOutput(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
