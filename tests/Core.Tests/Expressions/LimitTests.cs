using System.Text;
using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class LimitTests
{
    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    [Fact]
    public void Parse_SourceOf4096Bytes_IsTheLongest()
    {
        Assert.Equal(4094, Expression.Parse($"'{new string('a', 4094)}'").Evaluate(ExpressionScope.Empty).AsString().Length);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error($"'{new string('a', 4095)}'").Code);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error($"'{new string('é', 2048)}'").Code);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("dyn(", ")")]
    [InlineData("{1: ", "}")]
    [InlineData("[0][", "]")]
    [InlineData("true ? (", ") : 1")]
    public void Parse_32Brackets_IsTheDeepest(string open, string close)
    {
        Assert.True(Expression.TryParse(Repeat(open, 32) + "0" + Repeat(close, 32), out _, out _));
        Assert.False(Expression.TryParse(Repeat(open, 33) + "0" + Repeat(close, 33), out _, out var error));
        Assert.Equal(ExpressionErrorCodes.Limit, error.Code);
    }

    [Theory]
    [InlineData("1", " + 1")]
    [InlineData("a", ".a")]
    [InlineData("a", "[0]")]
    [InlineData("a", ".f()")]
    [InlineData("1", " < 1")]
    public void Parse_ChainOf256_IsTheLongest(string first, string link)
    {
        Assert.True(Expression.TryParse(first + Repeat(link, 255), out _, out _));
        Assert.False(Expression.TryParse(first + Repeat(link, 256), out _, out var error));
        Assert.Equal(ExpressionErrorCodes.Limit, error.Code);
    }

    [Fact]
    public void Parse_ChainsOfConditionals_AreBounded()
    {
        Assert.Equal("2", Cel.Shown(Repeat("false ? 1 : ", 250) + "2"));
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(Repeat("a?1:", 1000) + "2").Code);
    }

    [Theory]
    [InlineData("!", "true")]
    [InlineData("-", "1")]
    public void Parse_RunOfSigns_IsNoChain(string sign, string operand) =>
        Assert.Equal(operand, Cel.Shown(Repeat(sign, 4000) + operand));

    [Theory]
    [InlineData("&&", "true")]
    [InlineData("||", "false")]
    public void Parse_LongLogic_IsNoChain(string operation, string operand) =>
        Assert.Equal(operand, Cel.Shown(operand + Repeat(operation + operand, 500)));

    [Fact]
    public void Parse_LimitsBeyondWhatAStackHolds_AreCut()
    {
        var wide = new ExpressionLimits { SourceBytes = int.MaxValue, Nesting = int.MaxValue, Height = int.MaxValue };
        Assert.False(Expression.TryParse(Repeat("(", 100_000), out _, out var deep, wide));
        Assert.Equal(ExpressionErrorCodes.Limit, deep.Code);
        Assert.False(Expression.TryParse("1" + Repeat("+1", 100_000), out _, out var high, wide));
        Assert.Equal(ExpressionErrorCodes.Limit, high.Code);
    }

    [Fact]
    public void Evaluate_Steps_AreCountedAndBounded()
    {
        var expression = Expression.Parse("a + a * a", new ExpressionLimits { Steps = 5 });
        var scope = new ExpressionScope(("a", CelValue.Int(2)));
        Assert.Equal(6, expression.Evaluate(scope, out var steps).AsInt());
        Assert.Equal(5, steps);
        var tight = Expression.Parse("a + a * a", new ExpressionLimits { Steps = 4 });
        Assert.Equal(ExpressionErrorCodes.Limit, Assert.Throws<ExpressionException>(() => tight.Evaluate(scope)).Code);
    }

    [Theory]
    [InlineData("[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, true))))")]
    [InlineData("[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, 1/0 > 0))))")]
    public void Evaluate_NestedLoops_RunOutOfSteps(string source) => Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(source).Code);

    [Theory]
    [InlineData("x || true")]
    [InlineData("false && x")]
    public void Evaluate_ReachedLimit_IsNeverAbsorbed(string form)
    {
        const string Loop = "[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, [0,1,2,3,4,5,6,7,8,9].map(d, d)))) == []";
        if (form.StartsWith('x'))
        {
            Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(form.Replace("x", $"({Loop})", StringComparison.Ordinal)).Code);
        }
        else
        {
            Assert.Equal("false", Cel.Shown(form.Replace("x", $"({Loop})", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Evaluate_DoublingText_RunsOutOfMemoryNotOfTheMachine()
    {
        var doubling = "'0123456789'" + Repeat(".replace('', '0123456789')", 20);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(doubling).Code);
        var lists = "['a', 'b']" + Repeat(".map(x, [x, x])", 30) + " == []";
        Assert.Equal("false", Cel.Shown(lists));
        var joined = "cel.bind(a, 'xxxxxxxxxxxxxxxx', " + Repeat("cel.bind(a, a + a + a + a, ", 12) + "size(a)" + Repeat(")", 13);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(joined).Code);
    }

    [Fact]
    public void Evaluate_SharedStructure_IsNotWalkedForEver()
    {
        var tree = "cel.bind(a, [1, 2], " + Repeat("cel.bind(a, [a, a], ", 28) + "{0}" + Repeat(")", 29);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(tree.Replace("{0}", "a", StringComparison.Ordinal)).Code);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(tree.Replace("{0}", "a == a", StringComparison.Ordinal)).Code);
        Assert.Equal(ExpressionErrorCodes.Limit, Cel.Error(tree.Replace("{0}", "'%s'.format([a])", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void Evaluate_ResultBeyond64KiB_IsRefused()
    {
        var scope = new ExpressionScope(("s", CelValue.String(new string('x', 65_534))), ("t", CelValue.String(new string('x', 65_535))));
        Assert.Equal(65_534, Expression.Parse("s + ''").Evaluate(scope).AsString().Length);
        Assert.Equal(ExpressionErrorCodes.Limit, Assert.Throws<ExpressionException>(() => Expression.Parse("t + ''").Evaluate(scope)).Code);
        Assert.Equal(65_535, Expression.Parse(" t ").Evaluate(scope).AsString().Length);
        Assert.Equal(65_535, Expression.Parse("size(t)").Evaluate(scope).AsInt());
        Assert.Equal(ExpressionErrorCodes.Limit, Assert.Throws<ExpressionException>(() => Expression.Parse("[s, s]").Evaluate(scope)).Code);
    }

    [Fact]
    public void Evaluate_WorkOnLongData_CostsStepsInProportion()
    {
        var text = new string('a', 400_000);
        using var document = JsonDocument.Parse($$"""{"t": "{{text}}", "p": "{{text[..100_000]}}b", "l": [{{Repeat("1,", 200_000)}}1] }""");
        var scope = new ExpressionScope(("in", CelValue.Null), ("d", CelValue.FromJson(document.RootElement)));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.t.contains(d.p)"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.t.indexOf(d.p) > 0"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.t.replace(d.p, '') == ''"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.t.split('').size() > 0"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("2 in d.l"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.l == d.l"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("(d.l + d.l).size() > 0"));
        Assert.Equal(ExpressionErrorCodes.Limit, Failure("d.t.matches('(a{30}){30}b')"));

        string Failure(string source) => Assert.Throws<ExpressionException>(() => Expression.Parse(source).Evaluate(scope)).Code;
    }

    [Fact]
    public void Evaluate_FieldOfALargeObject_CostsMoreThanAStep()
    {
        var fields = string.Join(',', Enumerable.Range(0, 6400).Select(i => $"\"f{i}\": {i}"));
        var scope = Cel.Scope($$"""{"small": {"f0": 0}, "large": { {{fields}} } }""");
        Expression.Parse("small.f0").Evaluate(scope, out var small);
        Expression.Parse("large.f0").Evaluate(scope, out var large);
        Assert.Equal(2, small);
        Assert.Equal(102, large);
    }
}
