using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class ReferenceTests
{
    [Theory]
    [InlineData("steps.extract.output.total > context.static.limit", "steps.extract.output.total context.static.limit")]
    [InlineData("input", "input")]
    [InlineData("input['a']['b-c'].d", "input.a.b-c.d")]
    [InlineData("input.items[0].name", "input.items")]
    [InlineData("input.items[i].name", "input.items i")]
    [InlineData("size(input.items) + input.items.size()", "input.items")]
    [InlineData("input.items.exists(x, x.a == y.b)", "input.items y.b")]
    [InlineData("input.items.map(x, x.map(y, x + y + z))", "input.items z")]
    [InlineData("[1].map(x, .x.y)", "x.y")]
    [InlineData("x.map(x, x.a)", "x")]
    [InlineData("cel.bind(v, input.a, v.b + input.c)", "input.a input.c")]
    [InlineData("math.abs(input.x) + math.y", "input.x math.y")]
    [InlineData("type(a) == int || type(b) == google.protobuf.Timestamp", "a b")]
    [InlineData("{'k': a, b: c}[d] ? [e] : -f", "a b c d e f")]
    [InlineData("f(a).b.c", "a")]
    [InlineData("has(steps.pay)", "?steps.pay")]
    [InlineData("has(steps.pay.output)", "steps.pay ?steps.pay.output")]
    [InlineData("has(steps.pay) ? steps.pay.output.id : 0", "?steps.pay steps.pay.output.id")]
    [InlineData("has(a.b) && a.b > 0", "a.b")]
    [InlineData("a.b > 0 && has(a.b)", "a.b")]
    [InlineData("has(f(a).b)", "a")]
    [InlineData("1 + 2", "")]
    public void References_AnyExpression_AreThePathsItReads(string source, string expected)
    {
        var found = Expression.Parse(source).References.Select(reference => (reference.OnlyTested ? "?" : "") + reference);
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public void References_Offset_IsTheFirstPlace()
    {
        var reference = Expression.Parse("1 + a.b + a.b").References.Single();
        Assert.Equal((4, "a"), (reference.Offset, reference.Root));
    }
}
