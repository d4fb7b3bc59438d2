using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class MacroTests
{
    [Theory]
    [InlineData("[1, 2, 3].all(x, x > 0)", "true")]
    [InlineData("[1, 2, 3].exists(x, x > 2)", "true")]
    [InlineData("[1, 2, 3].exists_one(x, x > 2)", "true")]
    [InlineData("[1, 2, 3].exists_one(x, x > 1)", "false")]
    [InlineData("[1, 2, 3].map(x, x * x)", "[1, 4, 9]")]
    [InlineData("[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]")]
    [InlineData("[1, 2, 3].filter(x, x != 2)", "[1, 3]")]
    [InlineData("{'a': 1, 'b': 2}.map(k, k)", "[\"a\", \"b\"]")]
    [InlineData("{'a': 1, 'b': 2}.filter(k, k == 'b')", "[\"b\"]")]
    [InlineData("{'a': 1, 'b': 2}.all(k, v, v > 0 && k != '')", "true")]
    [InlineData("[5, 6].exists(i, v, i == 1 && v == 6)", "true")]
    [InlineData("[5, 6].existsOne(i, v, v == 6)", "true")]
    [InlineData("[5, 6].transformList(i, v, i + v)", "[5, 7]")]
    [InlineData("[5, 6].transformList(i, v, i > 0, v)", "[6]")]
    [InlineData("{'a': 1}.transformMap(k, v, v + 1)", "{\"a\": 2}")]
    [InlineData("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k + '!')", "{\"b\": \"b!\"}")]
    [InlineData("cel.bind(x, 3, x * x)", "9")]
    [InlineData("[].all(x, 1 / 0 > 0)", "true")]
    public void Evaluate_Macro_LoopsOverElementsOrKeys(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("[1, 2].map(x, [10, 20].map(y, x + y))", "[[11, 21], [12, 22]]")]
    [InlineData("[1, 2].map(x, [3, 4].map(x, x))", "[[3, 4], [3, 4]]")]
    [InlineData("[[1], [2]].map(x, x.map(y, y + size(x)))", "[[2], [3]]")]
    [InlineData("[1, 2].filter(x, [1].exists(y, y == x)).map(x, x + 1)", "[2]")]
    [InlineData("[1].map(input, .input + input)", "[6]")]
    [InlineData("[1].map(x, x) + [input].map(x, x)", "[1, 5]")]
    public void Evaluate_NestedMacros_KeepTheirVariablesApart(string source, string expected)
    {
        var scope = new ExpressionScope(("input", CelValue.Int(5)));
        Assert.Equal(expected, Expression.Parse(source).Evaluate(scope).ToString());
    }

    [Theory]
    [InlineData("[0, 2].exists(x, 2 / x == 1)", "true")]
    [InlineData("[2, 0].exists(x, 2 / x == 1)", "true")]
    [InlineData("[0, 2].all(x, 2 / x == 5)", "false")]
    [InlineData("[0, 2].all(i, v, 2 / v == 5)", "false")]
    public void Evaluate_AllAndExists_AbsorbErrors(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("[0, 2].exists(x, 2 / x == 5)", "expression.division-by-zero")]
    [InlineData("[0, 2].exists_one(x, 2 / x == 1)", "expression.division-by-zero")]
    [InlineData("[0].map(x, 1 / x)", "expression.division-by-zero")]
    [InlineData("[0].filter(x, 1 / x > 0)", "expression.division-by-zero")]
    [InlineData("[1].all(x, x)", "expression.type")]
    [InlineData("[1].filter(x, 'x')", "expression.type")]
    [InlineData("'abc'.map(x, x)", "expression.type")]
    [InlineData("[1].transformMap(k, v, 1 / (v - 1))", "expression.division-by-zero")]
    [InlineData("cel.bind(x, 1 / 0, 2)", "expression.division-by-zero")]
    public void Evaluate_Macro_FailsWithTheErrorInside(string source, string code) => Assert.Equal(code, Cel.Error(source).Code);

    [Theory]
    [InlineData("has(input.a)", "true")]
    [InlineData("has(input.b)", "true")]
    [InlineData("has(input.c)", "false")]
    [InlineData("has(input.a.x)", "true")]
    [InlineData("has(input.a.y)", "false")]
    public void Evaluate_Has_TellsPresenceAndCountsNullAsPresent(string source, string expected) =>
        Assert.Equal(expected, Cel.Shown(source, """{"input": {"a": {"x": 1}, "b": null}}"""));

    [Theory]
    [InlineData("has(input.c.d)", "expression.no-such-field")]
    [InlineData("has(input.a.d)", "expression.type")]
    [InlineData("has(missing.d)", "expression.unknown-name")]
    public void Evaluate_HasOfWhatIsNoMap_Fails(string source, string code) =>
        Assert.Equal(code, Cel.Error(source, """{"input": {"a": 1}}""").Code);

    [Theory]
    [InlineData("has(a)")]
    [InlineData("has(a['b'])")]
    [InlineData("[1].map(x.y, 1)")]
    [InlineData("[1].all(1, true)")]
    [InlineData("[1].all(x, x, true)")]
    [InlineData("cel.bind(1, 2, 3)")]
    public void Parse_MacroWithWrongArguments_IsASyntaxError(string source) =>
        Assert.Equal(ExpressionErrorCodes.Syntax, Cel.Error(source).Code);
}
