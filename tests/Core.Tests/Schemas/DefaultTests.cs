using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Schemas;

public sealed class DefaultTests
{
    [Theory]
    [InlineData("""{"properties":{"a":{"default":1}}}""", "{}", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{"default":1}}}""", """{"a":null}""", """{"a":null}""")]
    [InlineData("""{"properties":{"a":{"default":null}}}""", """{"b":1.50}""", """{"b":1.50,"a":null}""")]
    [InlineData("""{"properties":{"o":{"properties":{"a":{"default":"x"}}}}}""", """{"o":{}}""", """{"o":{"a":"x"}}""")]
    [InlineData("""{"properties":{"o":{"properties":{"a":{"default":"x"}}}}}""", "{}", "{}")]
    [InlineData("""{"items":{"properties":{"a":{"default":2}}}}""", """[{},{"a":1},3]""", """[{"a":2},{"a":1},3]""")]
    [InlineData("""{"prefixItems":[{"properties":{"a":{"default":1}}}],"items":{"properties":{"a":{"default":2}}}}""", "[{},{}]", """[{"a":1},{"a":2}]""")]
    [InlineData("""{"allOf":[{"properties":{"a":{"default":1}}},{"properties":{"a":{"default":2},"b":{"default":3}}}]}""", "{}", """{"a":1,"b":3}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"default":7}}}""", "{}", """{"a":7}""")]
    [InlineData("""{"$ref":"#/$defs/t","$defs":{"t":{"properties":{"v":{"default":1},"next":{"$ref":"#/$defs/t"}}}}}""", """{"next":{"next":{}}}""", """{"next":{"next":{"v":1},"v":1},"v":1}""")]
    [InlineData("""{"properties":{"a":{"default":{}, "properties":{"b":{"default":1}}}}}""", "{}", """{"a":{}}""")]
    [InlineData("""{"properties":{"a":{"default":1}}}""", "5", "5")]
    public void FillDefaults_OfInstance_AddsWhatIsLeftOut(string schema, string instance, string filled) => Assert.Equal(
        filled, JsonSchema.Compile(JsonElement.Parse(schema)).FillDefaults(JsonElement.Parse(instance)).GetRawText());

    [Fact]
    public void FillDefaults_NoDefaultDeclared_ReturnsTheInstanceItself()
    {
        var instance = JsonElement.Parse("""{ "a": 1 }""");
        Assert.Equal(instance.GetRawText(), JsonSchema.Compile(JsonElement.Parse("""{"properties":{"a":{}}}""")).FillDefaults(instance).GetRawText());
    }
}
