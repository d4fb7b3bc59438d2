using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class ReferenceTests
{
    [Theory]
    [InlineData("#/$defs/a~1b")]
    [InlineData("#/$defs/a%7E1b")]
    [InlineData("#named")]
    [InlineData("https://example.com/s.json#named")]
    [InlineData("s.json#/$defs/a~1b")]
    [InlineData("#/x-unknown/0")]
    [InlineData("inner/")]
    [InlineData("inner/#deep")]
    [InlineData("inner/leaf.json")]
    public void Ref_AnyWayOfNaming_ReachesTheInteger(string reference)
    {
        string schema = $$"""
            {
              "$id": "https://example.com/s.json",
              "properties": { "v": { "$ref": "{{reference}}" } },
              "x-unknown": [{ "type": "integer" }],
              "$defs": {
                "a/b": { "$anchor": "named", "type": "integer" },
                "inner": {
                  "$id": "inner/", "type": "integer",
                  "$defs": { "deep": { "$anchor": "deep", "type": "integer" }, "leaf": { "$id": "leaf.json", "type": "integer" } }
                }
              }
            }
            """;

        Assert.True(Accepts(schema, """{"v":1}"""));
        Assert.False(Accepts(schema, """{"v":"1"}"""));
    }

    [Theory]
    [InlineData("#/$defs/missing")]
    [InlineData("#missing")]
    [InlineData("other.json")]
    [InlineData("http://localhost/never-fetched.json")]
    [InlineData("#/$defs/text/minLength")]
    public void Ref_ToNothing_IsUnresolved(string reference)
    {
        SchemaProblem problem = Assert.Single(Problems($$"""{ "properties": { "v": { "$ref": "{{reference}}" } }, "$defs": { "text": { "minLength": 1 } } }"""));

        Assert.Equal(SchemaCodes.UnresolvedReference, problem.Code);
        Assert.Equal("/properties/v/$ref", problem.Pointer);
    }

    [Theory]
    [InlineData("#/x-list/17", true)]
    [InlineData("#/x-list/18", false)]
    [InlineData("#/x-list/017", false)]
    [InlineData("#/x-map/k17", true)]
    [InlineData("#/x-map/k18", false)]
    public void Ref_IntoLargeContainers_FindsWhatIsThere(string reference, bool found)
    {
        string list = string.Join(",", Enumerable.Repeat("{}", 17).Append("false"));
        string map = string.Join(",", Enumerable.Range(0, 18).Select(i => $"\"k{i}\": {(i == 17 ? "false" : "{}")}"));
        string schema = $$"""{ "x-list": [{{list}}], "x-map": { {{map}} }, "$ref": "{{reference}}" }""";

        if (found)
        {
            Assert.False(Accepts(schema, "1"));
        }
        else
        {
            Assert.Equal(SchemaCodes.UnresolvedReference, ProblemCode(schema));
        }
    }

    [Fact]
    public void Ref_IntoTheSchemaSet_ResolvesByUriAndById()
    {
        SchemaSet set = SchemaSet.Empty.Add("https://example.com/files/1", Json("""{ "$id": "https://example.com/money.json", "type": "number", "minimum": 0 }"""));
        var options = new SchemaOptions { Documents = set };

        Assert.False(Accepts("""{ "$ref": "https://example.com/files/1" }""", "-1", options));
        Assert.False(Accepts("""{ "$ref": "https://example.com/money.json" }""", "-1", options));
        Assert.Equal("https://example.com/money.json#/minimum", OnlyError("""{ "$ref": "https://example.com/files/1" }""", "-1", options).AbsoluteKeywordLocation);
    }

    [Fact]
    public void Ref_ToABrokenDocument_NamesThatDocument()
    {
        SchemaSet set = SchemaSet.Empty.Add("https://example.com/broken", Json("""{ "properties": { "a": { "minLength": -1 } } }"""));

        SchemaProblem problem = Assert.Single(Problems("""{ "$ref": "https://example.com/broken" }""", new SchemaOptions { Documents = set }));

        Assert.Equal((SchemaCodes.Invalid, "/properties/a/minLength", "https://example.com/broken"), (problem.Code, problem.Pointer, problem.DocumentUri));
    }

    [Fact]
    public void Id_InsideConst_IsData() => Assert.Equal(SchemaCodes.UnresolvedReference, ProblemCode("""
        { "$defs": { "c": { "const": { "$id": "https://example.com/hidden", "type": "string" } } }, "$ref": "https://example.com/hidden" }
        """));

    [Fact]
    public void DynamicRef_Extended_UsesTheOutermostAnchor()
    {
        const string tree = """
            { "$id": "https://example.com/tree", "$dynamicAnchor": "node", "type": "object",
              "properties": { "data": true, "children": { "type": "array", "items": { "$dynamicRef": "#node" } } } }
            """;
        var options = new SchemaOptions { Documents = SchemaSet.Empty.Add("https://example.com/tree", Json(tree)) };
        const string strict = """{ "$id": "https://example.com/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false }""";

        Assert.True(Accepts(tree, """{"children":[{"dta":1}]}"""));
        Assert.False(Accepts(strict, """{"children":[{"dta":1}]}""", options));
        Assert.True(Accepts(strict, """{"children":[{"data":1}]}""", options));
    }

    [Fact]
    public void DynamicRef_OuterScopeLeft_NoLongerCounts()
    {
        const string schema = """
            {
              "$id": "https://example.com/main",
              "prefixItems": [{ "$ref": "numbers" }, { "$ref": "list" }],
              "$defs": {
                "numbers": { "$id": "numbers", "$ref": "list", "$defs": { "item": { "$dynamicAnchor": "item", "type": "number" } } },
                "list": { "$id": "list", "items": { "$dynamicRef": "#item" }, "$defs": { "any": { "$dynamicAnchor": "item" } } }
              }
            }
            """;

        Assert.True(Accepts(schema, """[[1],["a"]]"""));
        Assert.False(Accepts(schema, """[["a"],["a"]]"""));
    }

    [Theory]
    [InlineData("""{ "$ref": "#" }""")]
    [InlineData("""{ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } }, "$ref": "#/$defs/a" }""")]
    [InlineData("""{ "$defs": { "a": { "allOf": [{ "anyOf": [{ "not": { "$ref": "#/$defs/a" } }] }] } } }""")]
    [InlineData("""{ "if": true, "then": { "$ref": "#" } }""")]
    [InlineData("""{ "dependentSchemas": { "x": { "$ref": "#" } } }""")]
    [InlineData("""{ "$dynamicRef": "#/allOf/0", "allOf": [{ "$ref": "#" }] }""")]
    public void Ref_LoopInPlace_IsRefused(string schema) => Assert.All(Problems(schema), p => Assert.Equal(SchemaCodes.InfiniteRecursion, p.Code));

    [Fact]
    public void DynamicRef_LoopInPlace_EndsTheValidation()
    {
        var schema = Schema("""{ "$dynamicAnchor": "me", "allOf": [{ "$dynamicRef": "#me" }] }""");

        Assert.False(schema.IsValid(Json("1")));
        Assert.Equal(SchemaCodes.InfiniteRecursion, Assert.Single(schema.Validate(Json("1")).Errors).Code);
    }

    [Fact]
    public void Ref_LoopThroughTheInstance_IsFine() =>
        Assert.False(Accepts("""{ "properties": { "next": { "$ref": "#" } }, "additionalProperties": false }""", """{"next":{"next":{"nxt":1}}}"""));

    [Theory]
    [InlineData("""{ "$defs": { "a": { "$anchor": "x" }, "b": { "$anchor": "x" } } }""", "/$defs/b/$anchor")]
    [InlineData("""{ "$defs": { "a": { "$id": "x" }, "b": { "$id": "x" } } }""", "/$defs/b/$id")]
    public void Identifiers_Twice_AreRefused(string schema, string pointer)
    {
        SchemaProblem problem = Assert.Single(Problems(schema));

        Assert.Equal((SchemaCodes.DuplicateIdentifier, pointer), (problem.Code, problem.Pointer));
    }

    [Theory]
    [InlineData("https://example.com/a/b/c?q#f", "../d", "https://example.com/a/d")]
    [InlineData("https://example.com/a/b/c", "./d/../e", "https://example.com/a/b/e")]
    [InlineData("https://example.com/a/b/c", "/d", "https://example.com/d")]
    [InlineData("https://example.com/a/b/c", "//other.example/d", "https://other.example/d")]
    [InlineData("https://example.com/a/b/c?q", "?r", "https://example.com/a/b/c?r")]
    [InlineData("https://example.com/a/b/c?q", "", "https://example.com/a/b/c?q")]
    [InlineData("https://example.com/a/b/c?q", "#g", "https://example.com/a/b/c?q#g")]
    [InlineData("https://example.com", "d", "https://example.com/d")]
    [InlineData("https://example.com/a/b", "../../../d", "https://example.com/d")]
    [InlineData("https://example.com/a/b/c", "..", "https://example.com/a/")]
    [InlineData("https://example.com/a/b/c", ".", "https://example.com/a/b/")]
    [InlineData("urn:uuid:1", "#x", "urn:uuid:1#x")]
    [InlineData("urn:uuid:1", "urn:uuid:2", "urn:uuid:2")]
    [InlineData("file:///c:/folder/file.json", "other.json", "file:///c:/folder/other.json")]
    public void Resolve_Rfc3986_GivesTheTarget(string baseUri, string reference, string expected) =>
        Assert.Equal(expected, Countersign.Schemas.Compilation.UriText.Resolve(baseUri, reference));

    [Fact]
    public void SchemaSet_Add_RefusesWhatItCannotKeepApart()
    {
        SchemaSet set = SchemaSet.Empty.Add("https://example.com/a#", Json("true"));

        Assert.Equal("https://example.com/a", Assert.Single(set.Uris));
        Assert.Throws<ArgumentException>(() => set.Add("https://example.com/a", Json("false")));
        Assert.Throws<ArgumentException>(() => set.Add("a.json", Json("true")));
        Assert.Throws<ArgumentException>(() => set.Add("https://example.com/a#b", Json("true")));
        Assert.Throws<ArgumentException>(() => set.Add("https://example.com/b", Json("1")));
        Assert.Empty(SchemaSet.Empty.Uris);
    }
}
