namespace Countersign.Core.Tests.Expressions;

public sealed class MathTests
{
    [Theory]
    [InlineData("math.greatest(1, 2.5, 2u)", "double 2.5")]
    [InlineData("math.least([3, 1, 2])", "1")]
    [InlineData("math.round(2.5)", "double 3")]
    [InlineData("math.round(-2.5)", "double -3")]
    [InlineData("math.floor(-1.2)", "double -2")]
    [InlineData("math.ceil(1.2)", "double 2")]
    [InlineData("math.trunc(-1.7)", "double -1")]
    [InlineData("math.sqrt(9.0)", "double 3")]
    [InlineData("math.abs(-3)", "3")]
    [InlineData("math.sign(-2.5)", "double -1")]
    [InlineData("math.isNaN(0.0 / 0.0) && math.isInf(1.0 / 0.0) && math.isFinite(1.0)", "true")]
    [InlineData("math.bitAnd(6, 3) + math.bitOr(4, 1)", "7")]
    [InlineData("math.bitXor(5u, 1u)", "4u")]
    [InlineData("math.bitNot(0)", "-1")]
    [InlineData("math.bitShiftLeft(1, 3)", "8")]
    [InlineData("math.bitShiftRight(-8, 1)", "9223372036854775804")]
    [InlineData("math.bitShiftLeft(1, 64)", "0")]
    public void Evaluate_Math_GivesTheValue(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("math.round(dyn(1))", "expression.type")]
    [InlineData("math.greatest('a', 1)", "expression.type")]
    [InlineData("math.greatest([])", "expression.invalid-argument")]
    [InlineData("math.bitShiftLeft(1, -1)", "expression.invalid-argument")]
    [InlineData("math.abs(-9223372036854775808)", "expression.overflow")]
    [InlineData("math.bitAnd(1, 1u)", "expression.type")]
    public void Evaluate_Math_RefusesWhatItDoesNotTake(string source, string code) => Assert.Equal(code, Cel.Error(source).Code);

    [Fact]
    public void Evaluate_NamespaceShadowedByAVariable_IsTheVariable() =>
        Assert.Equal("expression.unknown-function", Cel.Error("[1].map(math, math.abs(1))").Code);
}
