using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

public sealed class TemplateTests
{
    private static readonly ExpressionScope Scope = new(
        ("input", CelValue.FromJson(JsonDocument.Parse("""{"name":"Ada","n":3,"f":0.1,"big":1e21,"yes":true,"nothing":null,"list":[1,{"b":2,"a":1}]}""").RootElement)));

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("", "\"\"")]
    [InlineData("${ input.name }", "\"Ada\"")]
    [InlineData("${input.n}", "3")]
    [InlineData("${ input.list }", "[1,{\"b\":2,\"a\":1}]")]
    [InlineData("${ input.nothing }", "null")]
    [InlineData(" ${ input.n }", "\" 3\"")]
    [InlineData("Hello ${ input.name }!", "\"Hello Ada!\"")]
    [InlineData("${ input.name }${ input.n }", "\"Ada3\"")]
    [InlineData("${ input.f } ${ input.big } ${ input.yes } ${ input.nothing }", "\"0.1 1e+21 true null\"")]
    [InlineData("=${ input.list }", "\"=[1,{\\\"a\\\":1,\\\"b\\\":2}]\"")]
    [InlineData("$${ input.name }", "\"${ input.name }\"")]
    [InlineData("$$${ input.name }", "\"$${ input.name }\"")]
    [InlineData("$${ ${ input.n }", "\"${ 3\"")]
    [InlineData("$ { } $x", "\"$ { } $x\"")]
    [InlineData("${ {'a': {'b': 1.0}} }", "{\"a\":{\"b\":1}}")]
    [InlineData("${ '}' + \"{\" }", "\"}{\"")]
    [InlineData("${ r'\\' + '}' }", "\"\\\\}\"")]
    [InlineData("${ '\\'}' }", "\"'}\"")]
    [InlineData("${ '''it's }''' }", "\"it's }\"")]
    [InlineData("${ 1 // don't round\n}", "1")]
    [InlineData("${ 1 // see {note\n}", "1")]
    [InlineData("${ 40.0 // } net\n + 2.0 }", "42")]
    [InlineData("a ${ input.n // }\n }${ input.n } b", "\"a 33 b\"")]
    [InlineData("${ '//' } }", "\"// }\"")]
    public void Render_OfText_GivesTheValue(string text, string json)
    {
        using JsonDocument expected = JsonDocument.Parse(json);
        JsonElement rendered = Template.FromText(text).Render(Scope);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, rendered), rendered.GetRawText());
    }

    [Fact]
    public void Render_OfValue_RendersEveryTextInIt()
    {
        using JsonDocument source = JsonDocument.Parse("""{"a":["${ input.n }",1.50,"x${ input.n }"],"b":{"$${k}":"$${ v }","c":null}}""");
        Template template = Template.FromJson(source.RootElement);
        Assert.Equal("""{"a":[3,1.50,"x3"],"b":{"$${k}":"${ v }","c":null}}""", template.Render(Scope).GetRawText());
        Assert.False(template.IsConstant);
        Assert.Equal(2, template.Expressions.Length);
        Assert.Null(template.Expression);
    }

    [Fact]
    public void Render_OfDataThatLooksLikeAnExpression_DoesNotEvaluateIt()
    {
        ExpressionScope hostile = new(("input", CelValue.String("${ secret('k') }")));
        Assert.Equal("${ secret('k') }", Template.FromText("${ input }").Render(hostile).GetString());
        Assert.Equal("> ${ secret('k') }", Template.FromText("> ${ input }").Render(hostile).GetString());
    }

    [Fact]
    public void Render_BeyondSixteenMegabytes_Fails()
    {
        string part = "${ input }";
        ExpressionScope large = new(("input", CelValue.String(new string('x', 1_000_000))));
        Template joined = Template.FromText(string.Concat(Enumerable.Repeat(part + " ", 20)));
        Assert.Equal("template.too-large", Assert.Throws<ExpressionException>(() => joined.Render(large)).Code);
        Template list = Template.FromJson(JsonSerializer.SerializeToElement(Enumerable.Repeat(part, 20)));
        Assert.Equal("template.too-large", Assert.Throws<ExpressionException>(() => list.Render(large)).Code);
    }

    [Theory]
    [InlineData("${ input.name ")]
    [InlineData("a ${ '} ")]
    [InlineData("${ 1 + }")]
    [InlineData("${ don't }")]
    [InlineData("${ 1 // no line end }")]
    [InlineData("${ }")]
    public void FromText_OfBrokenExpression_Throws(string text) => Assert.Throws<DefinitionException>(() => Template.FromText(text));

    [Fact]
    public void Holds_OfCondition_NeedsABoolean()
    {
        Assert.True(Template.FromExpression("input.n == 3.0").Holds(Scope));
        Assert.False(Template.FromExpression("input.n > 3.0").Holds(Scope));
        Assert.Equal(ExpressionErrorCodes.Type, Assert.Throws<ExpressionException>(() => Template.FromExpression("input.name").Holds(Scope)).Code);
    }

    [Fact]
    public void Secret_IsResolvedByScopesOfExecutorsOnly()
    {
        Template template = Template.FromText("Bearer ${ secret('k') }");
        Assert.Equal("Bearer s3", template.Render(new Secrets()).GetString());
        Assert.Equal("secret.not-available", Assert.Throws<ExpressionException>(() => template.Render(Scope)).Code);
        Assert.Equal("secret.not-found", Assert.Throws<ExpressionException>(() => Template.FromText("${ secret('other') }").Render(new Secrets())).Code);
    }

    private sealed class Secrets : ISecretScope
    {
        public bool TryResolve(string name, out CelValue value)
        {
            value = default;
            return false;
        }

        public string? FindSecret(string name) => name == "k" ? "s3" : null;
    }
}
