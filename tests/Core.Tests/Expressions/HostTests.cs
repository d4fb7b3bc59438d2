using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class HostTests
{
    [Fact]
    public void Evaluate_LazyMap_ReadsOnlyWhatIsAsked()
    {
        var steps = new Steps();
        var scope = new ExpressionScope(("steps", CelValue.Map(steps)));
        Assert.True(Expression.Parse("!has(steps.pay) && steps.extract.output == 5").EvaluateCondition(scope));
        Assert.Equal(["extract"], steps.Read);
        var error = Assert.Throws<ExpressionException>(() => Expression.Parse("1 + steps.pay.output").Evaluate(scope)).Error;
        Assert.Equal((ExpressionErrorCodes.NoSuchField, 9), (error.Code, error.Offset));
        Assert.Contains("\"extract\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_HostError_GetsThePlaceOfTheRead()
    {
        var scope = new ExpressionScope(("steps", CelValue.Map(new Steps())));
        var error = Assert.Throws<ExpressionException>(() => Expression.Parse("1 == 1 &&\n steps.broken").Evaluate(scope)).Error;
        Assert.Equal(("host.broken", 2, 7), (error.Code, error.Line, error.Column));
    }

    [Fact]
    public void Evaluate_HostFunction_SeesItsScopeAndArguments()
    {
        var functions = new ExpressionFunctions(
            new ExpressionFunction("twice", 1, arguments => CelValue.Int(arguments[0].AsInt() * 2)),
            new ExpressionFunction("text.slug", 1, arguments => CelValue.String(arguments[0].AsString().ToLowerInvariant())),
            new ExpressionFunction("secret", 1, (scope, arguments) =>
                scope.TryResolve("run", out var run) ? CelValue.String(run.AsString() + "/" + arguments[0].AsString()) : CelValue.Null));
        var scope = new ExpressionScope(("run", CelValue.String("r1")));
        Assert.Equal("r1/key", Expression.Parse("secret('key')", functions: functions).Evaluate(scope).AsString());
        Assert.Equal(8, Expression.Parse("twice(twice(2))", functions: functions).Evaluate(scope).AsInt());
        Assert.Equal("ab", Expression.Parse("text.slug('AB')", functions: functions).Evaluate(scope).AsString());
        Assert.Equal(["text.y"], Expression.Parse("text.slug(text.y)", functions: functions).References.Select(reference => reference.ToString()));
    }

    [Fact]
    public void Evaluate_HostFunctionThatFails_IsAnErrorLikeOthers()
    {
        var functions = new ExpressionFunctions(
            new ExpressionFunction("fail", 0, _ => throw new ExpressionException("host.failed", "no")),
            new ExpressionFunction("limit", 0, _ => throw new ExpressionException(ExpressionErrorCodes.Limit, "no")),
            new ExpressionFunction("later", 0, (Func<IExpressionScope, CelValue[], CelValue>?)null));
        Assert.True(Expression.Parse("fail() || true", functions: functions).EvaluateCondition(ExpressionScope.Empty));
        Assert.Equal(("host.failed", 4), Code("1 + fail()"));
        Assert.Equal((ExpressionErrorCodes.UnknownFunction, 0), Code("later()"));
        Assert.Equal(ExpressionErrorCodes.Limit, Code("limit() || true").Code);

        (string Code, int Offset) Code(string source)
        {
            var error = Assert.Throws<ExpressionException>(() => Expression.Parse(source, functions: functions).Evaluate(ExpressionScope.Empty));
            return (error.Code, error.Offset);
        }
    }

    [Fact]
    public void ExpressionFunctions_NameThatIsTaken_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new ExpressionFunctions(new ExpressionFunction("size", 1, a => a[0])));
        Assert.Throws<ArgumentException>(() => new ExpressionFunctions(new ExpressionFunction("f", 1, a => a[0]), new ExpressionFunction("f", 1, a => a[0])));
    }

    [Theory]
    [InlineData("3.0 % 2", "expression.type", "int(x) % int(y)")]
    [InlineData("1.0 / 0", "expression.division-by-zero", "y != 0")]
    [InlineData("1 + 1u", "expression.type", "int(x) around the uint")]
    [InlineData("'a' + 1", "expression.type", "string(x)")]
    [InlineData("1 < 'a'", "expression.type", "double(text)")]
    [InlineData("null + 1", "expression.type", "test x != null")]
    [InlineData("'text'[0]", "expression.type", "charAt")]
    [InlineData("'a' in 'abc'", "expression.type", "contains")]
    [InlineData("missing", "expression.unknown-name", "'missing'")]
    [InlineData("siz('a')", "expression.unknown-function", "did you mean 'size'")]
    [InlineData("size()", "expression.type", "size(string)")]
    [InlineData("{'a': 1}.b", "expression.no-such-field", "has(")]
    [InlineData("[1][1]", "expression.index-out-of-range", "1 elements")]
    [InlineData("{'a': 1, 'a': 2}", "expression.duplicate-key", "\"a\"")]
    [InlineData("{1: 1, 1u: 2}", "expression.duplicate-key", "twice")]
    [InlineData("{1.0: 1}", "expression.type", "map key")]
    [InlineData("1 / 0", "expression.division-by-zero", "y != 0")]
    [InlineData("timestamp(0) + 1", "expression.type", "duration(x)")]
    public void Evaluate_Failure_SaysWhatToWrite(string source, string code, string hint)
    {
        var error = Cel.Error(source);
        Assert.Equal(code, error.Code);
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Offset, 0, source.Length);
    }

    [Fact]
    public void EvaluateCondition_ValueThatIsNoBool_IsATypeError()
    {
        var error = Assert.Throws<ExpressionException>(() => Expression.Parse("1").EvaluateCondition(ExpressionScope.Empty));
        Assert.Equal(ExpressionErrorCodes.Type, error.Code);
    }

    [Fact]
    public void Evaluate_FromManyThreads_GivesTheSame()
    {
        var expression = Expression.Parse("d.l.map(x, d.l.filter(y, y > x).size()).size() + d.o.size()");
        var scope = Cel.Scope("""{"d": {"l": [1, 2, 3, 4, 5], "o": {"a": 1, "b": 2}}}""");
        Parallel.For(0, 2_000, _ => Assert.Equal(7, expression.Evaluate(scope).AsInt()));
    }

    private sealed class Steps : CelMap
    {
        public List<string> Read { get; } = [];

        public override int Count => 1;

        public override IEnumerable<CelValue> Keys => [CelValue.String("extract")];

        public override bool Has(string name) => name == "extract";

        public override bool TryGet(string name, out CelValue value)
        {
            Read.Add(name);
            if (name == "broken")
            {
                throw new ExpressionException("host.broken", "the result cannot be read");
            }

            value = name == "extract" ? CelValue.Map([new(CelValue.String("output"), CelValue.Int(5))]) : default;
            return name == "extract";
        }
    }
}
