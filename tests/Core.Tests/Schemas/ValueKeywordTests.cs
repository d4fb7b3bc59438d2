using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class ValueKeywordTests
{
    [Theory]
    [InlineData("null", "null", true)]
    [InlineData("null", "0", false)]
    [InlineData("boolean", "false", true)]
    [InlineData("boolean", "\"true\"", false)]
    [InlineData("object", "{}", true)]
    [InlineData("object", "[]", false)]
    [InlineData("array", "[]", true)]
    [InlineData("array", "{}", false)]
    [InlineData("number", "1.5", true)]
    [InlineData("number", "\"1\"", false)]
    [InlineData("string", "\"\"", true)]
    [InlineData("string", "1", false)]
    [InlineData("integer", "7", true)]
    [InlineData("integer", "1.0", true)]
    [InlineData("integer", "15e-1", false)]
    [InlineData("integer", "150e-1", true)]
    [InlineData("integer", "1e400", true)]
    [InlineData("integer", "-0.0", true)]
    [InlineData("integer", "0.5", false)]
    public void Type_One_AcceptsOnlyThatType(string type, string instance, bool expected) =>
        Assert.Equal(expected, Accepts($$"""{ "type": "{{type}}" }""", instance));

    [Theory]
    [InlineData("null", true)]
    [InlineData("3", true)]
    [InlineData("3.5", false)]
    [InlineData("\"3\"", false)]
    public void Type_Several_AcceptsEachOfThem(string instance, bool expected) =>
        Assert.Equal(expected, Accepts("""{ "type": ["integer", "null"] }""", instance));

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "10e-1", true)]
    [InlineData("1", "true", false)]
    [InlineData("0", "-0", true)]
    [InlineData("0", "false", false)]
    [InlineData("\"a\"", "\"\\u0061\"", true)]
    [InlineData("\"a\"", "\"A\"", false)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("1e400", "10e399", true)]
    [InlineData("1e400", "1e401", false)]
    [InlineData("[1,2]", "[1.0,2]", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("{\"a\":1,\"b\":[null]}", "{\"b\":[null],\"a\":1}", true)]
    [InlineData("{\"a\":1}", "{\"a\":1,\"b\":2}", false)]
    [InlineData("{\"a\":1}", "{\"\\u0061\":1}", true)]
    [InlineData("{\"a\":1,\"b\":2}", "{\"a\":1,\"a\":1}", false)]
    [InlineData("null", "false", false)]
    [InlineData("\"\\uD83D\\uDE00\"", "\"😀\"", true)]
    public void Const_Value_ComparesByMeaning(string constant, string instance, bool expected) =>
        Assert.Equal(expected, Accepts($$"""{ "const": {{constant}} }""", instance));

    [Theory]
    [InlineData("\"b\"", true)]
    [InlineData("\"d\"", false)]
    [InlineData("2e0", true)]
    [InlineData("3", false)]
    [InlineData("null", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("[\"x\"]", true)]
    [InlineData("[\"y\"]", false)]
    [InlineData("{\"k\":{\"n\":1.0}}", true)]
    [InlineData("{\"k\":{\"n\":2}}", false)]
    public void Enum_Mixed_AcceptsItsMembers(string instance, bool expected) =>
        Assert.Equal(expected, Accepts("""{ "enum": ["a", "b", 2, null, true, ["x"], {"k": {"n": 1}}] }""", instance));

    [Fact]
    public void Enum_FortyThousandMembers_FindsEach()
    {
        string schema = $$"""{ "enum": [{{string.Join(",", Enumerable.Range(0, 40_000).Select(i => i % 2 == 0 ? $"{i}" : $"\"{i}\""))}}] }""";
        var compiled = Schema(schema);

        Assert.True(compiled.IsValid(Json("39998")));
        Assert.True(compiled.IsValid(Json("\"39999\"")));
        Assert.False(compiled.IsValid(Json("39999")));
        Assert.False(compiled.IsValid(Json("\"39998\"")));
        Assert.EndsWith("and 39990 more", Assert.Single(compiled.Validate(Json("null")).Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("minimum", "10", "10", true)]
    [InlineData("minimum", "10", "9.9999999999999999999999", false)]
    [InlineData("maximum", "10", "10.0", true)]
    [InlineData("maximum", "10", "10.0000000000000000000001", false)]
    [InlineData("exclusiveMinimum", "0", "0", false)]
    [InlineData("exclusiveMinimum", "0", "1e-400", true)]
    [InlineData("exclusiveMaximum", "0", "-1e-400", true)]
    [InlineData("exclusiveMaximum", "5", "5", false)]
    [InlineData("maximum", "9007199254740992", "9007199254740993", false)]
    [InlineData("maximum", "18446744073709551615", "18446744073709551616", false)]
    [InlineData("maximum", "1e400", "1e399", true)]
    [InlineData("maximum", "1e400", "1e1000000", false)]
    [InlineData("minimum", "-1e400", "-2e400", false)]
    [InlineData("multipleOf", "0.01", "1289.30", true)]
    [InlineData("multipleOf", "0.01", "1289.305", false)]
    [InlineData("multipleOf", "0.1", "0.3", true)]
    [InlineData("multipleOf", "3", "1e400", false)]
    [InlineData("multipleOf", "2.5", "1e400", true)]
    [InlineData("multipleOf", "7", "123456789012345678901234567890", true)]
    [InlineData("multipleOf", "7", "123456789012345678901234567891", false)]
    [InlineData("multipleOf", "123456789012345678901234567890", "370370367037037036703703703670", true)]
    [InlineData("multipleOf", "123456789012345678901234567890", "370370367037037036703703703671", false)]
    [InlineData("multipleOf", "12345678901234567890123456789", "1e30", false)]
    [InlineData("multipleOf", "5", "0", true)]
    public void Numbers_AnySize_CompareExactly(string keyword, string limit, string instance, bool expected) =>
        Assert.Equal(expected, Accepts($$"""{ "{{keyword}}": {{limit}} }""", instance));

    [Theory]
    [InlineData("minLength", 2, "\"ab\"", true)]
    [InlineData("minLength", 2, "\"a\"", false)]
    [InlineData("maxLength", 1, "\"😀\"", true)]
    [InlineData("maxLength", 1, "\"\\uD83D\\uDE00\"", true)]
    [InlineData("maxLength", 1, "\"\\uD83D\"", true)]
    [InlineData("maxLength", 1, "\"\\uD83D\\uD83D\"", false)]
    [InlineData("maxLength", 1, "\"e\\u0301\"", false)]
    [InlineData("minItems", 1, "[]", false)]
    [InlineData("maxItems", 1, "[1]", true)]
    [InlineData("maxItems", 1, "[1,2]", false)]
    [InlineData("minProperties", 1, "{}", false)]
    [InlineData("minProperties", 1, "{\"a\":1}", true)]
    [InlineData("maxProperties", 1, "{\"a\":1,\"b\":2}", false)]
    [InlineData("minLength", 2, "[]", true)]
    [InlineData("minItems", 2, "{}", true)]
    [InlineData("minProperties", 2, "[]", true)]
    public void Sizes_Count_CodePointsItemsAndFields(string keyword, int limit, string instance, bool expected) =>
        Assert.Equal(expected, Accepts($$"""{ "{{keyword}}": {{limit}} }""", instance));

    [Fact]
    public void MaxLength_WrittenAsFloat_IsACount() => Assert.False(Accepts("""{ "maxLength": 2.0 }""", "\"abc\""));

    [Fact]
    public void MaxLength_BeyondInt_AcceptsAnyText() => Assert.True(Accepts("""{ "maxLength": 1e30 }""", "\"abc\""));
}
