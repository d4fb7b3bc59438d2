using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class ContainerKeywordTests
{
    [Theory]
    [InlineData("[1,2,3]", true)]
    [InlineData("[1,2,1.0]", false)]
    [InlineData("[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", false)]
    [InlineData("[[1],[true],[\"1\"],[null]]", true)]
    [InlineData("[\"a\",\"\\u0061\"]", false)]
    [InlineData("[]", true)]
    [InlineData("{\"a\":1}", true)]
    public void UniqueItems_True_RefusesEqualItems(string instance, bool expected) =>
        Assert.Equal(expected, Accepts("""{ "uniqueItems": true }""", instance));

    [Fact]
    public void UniqueItems_TenThousand_FindsTheOneRepeat()
    {
        string items = string.Join(",", Enumerable.Range(0, 10_000).Select(i => $$"""{"id":{{i}}}"""));

        Assert.True(Accepts("""{ "uniqueItems": true }""", $"[{items}]"));
        Assert.Equal("the document: must not repeat an item, items 4711 and 10000 are equal", OnlyError("""{ "uniqueItems": true }""", $$"""[{{items}},{"id":4711}]""").Message);
    }

    [Theory]
    [InlineData("[\"a\",1]", true)]
    [InlineData("[\"a\"]", true)]
    [InlineData("[]", true)]
    [InlineData("[1,1]", false)]
    [InlineData("[\"a\",1,true]", true)]
    [InlineData("[\"a\",1,0]", false)]
    public void Items_AfterPrefix_AppliesToTheRest(string instance, bool expected) =>
        Assert.Equal(expected, Accepts("""{ "prefixItems": [{"type": "string"}, {"type": "number"}], "items": {"type": "boolean"} }""", instance));

    [Theory]
    [InlineData("""{ "contains": {"const": 1} }""", "[0]", false)]
    [InlineData("""{ "contains": {"const": 1} }""", "[0,1]", true)]
    [InlineData("""{ "contains": {"const": 1}, "minContains": 0 }""", "[]", true)]
    [InlineData("""{ "contains": {"const": 1}, "minContains": 2 }""", "[1,0,1]", true)]
    [InlineData("""{ "contains": {"const": 1}, "minContains": 2 }""", "[1,0]", false)]
    [InlineData("""{ "contains": {"const": 1}, "maxContains": 1 }""", "[1,1]", false)]
    [InlineData("""{ "minContains": 5, "maxContains": 0 }""", "[1,1]", true)]
    public void Contains_Bounds_CountMatches(string schema, string instance, bool expected) =>
        Assert.Equal(expected, Accepts(schema, instance));

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{"a":"1"}""", false)]
    [InlineData("""{"a":1,"x-1":"s"}""", true)]
    [InlineData("""{"a":1,"x-1":5}""", false)]
    [InlineData("""{"a":1,"other":true}""", true)]
    [InlineData("""{"a":1,"other":1}""", false)]
    [InlineData("""{}""", false)]
    [InlineData("""{"\u0061":1}""", true)]
    [InlineData("""{"a":1,"a":"again"}""", false)]
    public void Properties_PatternAndAdditional_DivideTheMembers(string instance, bool expected) => Assert.Equal(expected, Accepts("""
        {
          "properties": { "a": { "type": "integer" } },
          "patternProperties": { "^x-": { "type": "string" } },
          "additionalProperties": { "type": "boolean" },
          "required": ["a"]
        }
        """, instance));

    [Fact]
    public void Required_HundredNames_NamesTheMissingOne()
    {
        string names = string.Join(",", Enumerable.Range(0, 100).Select(i => $"\"f{i}\""));
        string members = string.Join(",", Enumerable.Range(0, 100).Where(i => i != 77).Select(i => $"\"f{i}\":{i}"));

        Assert.Equal("f77: is required", OnlyError($$"""{ "required": [{{names}}] }""", $$"""{ {{members}}, "f3": 0 }""").Message);
    }

    [Theory]
    [InlineData("""{"ab":1}""", true)]
    [InlineData("""{"abc":1}""", false)]
    [InlineData("""{"\uD83D\uDE00":1}""", true)]
    public void PropertyNames_Length_AppliesToNames(string instance, bool expected) =>
        Assert.Equal(expected, Accepts("""{ "propertyNames": { "maxLength": 2 } }""", instance));

    [Theory]
    [InlineData("""{ "dependentRequired": { "card": ["cvc"] } }""", """{"card":1}""", false)]
    [InlineData("""{ "dependentRequired": { "card": ["cvc"] } }""", """{"card":1,"cvc":2}""", true)]
    [InlineData("""{ "dependentRequired": { "card": ["cvc"] } }""", """{"cvc":2}""", true)]
    [InlineData("""{ "dependentSchemas": { "card": { "required": ["cvc"] } } }""", """{"card":1}""", false)]
    [InlineData("""{ "dependentSchemas": { "card": false } }""", """{}""", true)]
    [InlineData("""{ "dependencies": { "card": ["cvc"], "a": { "required": ["b"] } } }""", """{"card":1}""", false)]
    [InlineData("""{ "dependencies": { "card": ["cvc"], "a": { "required": ["b"] } } }""", """{"a":1}""", false)]
    [InlineData("""{ "dependencies": { "card": ["cvc"], "a": { "required": ["b"] } } }""", """{"a":1,"b":1}""", true)]
    public void Dependents_Trigger_BringsTheirRule(string schema, string instance, bool expected) =>
        Assert.Equal(expected, Accepts(schema, instance));

    [Theory]
    [InlineData("""{ "allOf": [{"minimum": 1}, {"maximum": 3}] }""", "2", true)]
    [InlineData("""{ "allOf": [{"minimum": 1}, {"maximum": 3}] }""", "4", false)]
    [InlineData("""{ "anyOf": [{"minimum": 5}, {"maximum": 3}] }""", "2", true)]
    [InlineData("""{ "anyOf": [{"minimum": 5}, {"maximum": 3}] }""", "4", false)]
    [InlineData("""{ "oneOf": [{"minimum": 1}, {"maximum": 3}] }""", "2", false)]
    [InlineData("""{ "oneOf": [{"minimum": 1}, {"maximum": 3}] }""", "4", true)]
    [InlineData("""{ "not": {"type": "string"} }""", "1", true)]
    [InlineData("""{ "not": {"type": "string"} }""", "\"\"", false)]
    [InlineData("""{ "if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2} }""", "20", true)]
    [InlineData("""{ "if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2} }""", "12", false)]
    [InlineData("""{ "if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2} }""", "3", false)]
    [InlineData("""{ "then": false, "else": false }""", "3", true)]
    public void Combinations_Each_FollowTheirLogic(string schema, string instance, bool expected) =>
        Assert.Equal(expected, Accepts(schema, instance));

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{"a":1,"b":1}""", true)]
    [InlineData("""{"a":1,"c":1}""", false)]
    [InlineData("""{"kind":"x","x":1}""", true)]
    [InlineData("""{"kind":"y","x":1}""", false)]
    public void UnevaluatedProperties_False_SeesThroughInPlaceApplicators(string instance, bool expected) => Assert.Equal(expected, Accepts("""
        {
          "properties": { "a": true, "kind": true },
          "allOf": [{ "$ref": "#/$defs/withB" }],
          "if": { "properties": { "kind": { "const": "x" } }, "required": ["kind"] },
          "then": { "properties": { "x": true } },
          "unevaluatedProperties": false,
          "$defs": { "withB": { "properties": { "b": true } } }
        }
        """, instance));

    [Fact]
    public void UnevaluatedProperties_FailedAlternative_GivesNoAnnotations() => Assert.False(Accepts("""
        { "anyOf": [{ "properties": { "a": { "type": "string" } } }, { "properties": { "b": true } }], "unevaluatedProperties": false }
        """, """{"a":1,"b":2}"""));

    [Fact]
    public void UnevaluatedProperties_Over64Members_TracksEach()
    {
        string members = string.Join(",", Enumerable.Range(0, 200).Select(i => $"\"f{i}\":0"));
        const string schema = """{ "allOf": [{ "patternProperties": { "^f": true } }], "unevaluatedProperties": false }""";

        Assert.True(Accepts(schema, $"{{{members}}}"));
        Assert.Equal("/last", OnlyError(schema, $"{{{members},\"last\":0}}").InstanceLocation);
    }

    [Theory]
    [InlineData("""{ "prefixItems": [true], "unevaluatedItems": false }""", "[1]", true)]
    [InlineData("""{ "prefixItems": [true], "unevaluatedItems": false }""", "[1,2]", false)]
    [InlineData("""{ "contains": {"type": "string"}, "unevaluatedItems": {"type": "number"} }""", "[\"a\",1]", true)]
    [InlineData("""{ "contains": {"type": "string"}, "unevaluatedItems": {"type": "number"} }""", "[\"a\",true]", false)]
    [InlineData("""{ "anyOf": [{"items": true}], "unevaluatedItems": false }""", "[1,2]", true)]
    [InlineData("""{ "allOf": [{"unevaluatedItems": true}], "unevaluatedItems": false }""", "[1,2]", true)]
    public void UnevaluatedItems_Rest_IsWhatNothingLookedAt(string schema, string instance, bool expected) =>
        Assert.Equal(expected, Accepts(schema, instance));

    [Fact]
    public void BooleanSchemas_TrueAndFalse_AcceptAllAndNothing()
    {
        Assert.True(Accepts("true", "{}"));
        Assert.False(Accepts("false", "{}"));
        Assert.Equal("the document: is not allowed", OnlyError("false", "1").Message);
    }
}
