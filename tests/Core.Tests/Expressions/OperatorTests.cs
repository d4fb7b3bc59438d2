using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class OperatorTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("100 / 10 / 5", "2")]
    [InlineData("7 % 4 * 2", "6")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("-7 % 4", "-3")]
    [InlineData("-9223372036854775808 % -1", "0")]
    [InlineData("1 < 2 == true", "true")]
    [InlineData("true || false && false", "true")]
    [InlineData("!true || true", "true")]
    [InlineData("false ? 1 : true ? 2 : 3", "2")]
    [InlineData("1.5 + 2.25", "double 3.75")]
    [InlineData("1.0 / 0.0", "double Infinity")]
    [InlineData("-(0.0)", "double 0")]
    [InlineData("7u / 2u", "3u")]
    [InlineData("18446744073709551615u", "18446744073709551615u")]
    [InlineData("0xFF + 0x01", "256")]
    [InlineData("'a' + 'b'", "\"ab\"")]
    [InlineData("b'a' + b'b' == b'ab'", "true")]
    [InlineData("[1] + [2, 3]", "[1, 2, 3]")]
    [InlineData("!!!true", "false")]
    [InlineData("--5", "5")]
    [InlineData("-(-(-5))", "-5")]
    public void Evaluate_Operators_FollowPrecedenceAndOverloads(string source, string expected) =>
        Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("1 == 1u && 1 == 1.0 && 1u == 1.0")]
    [InlineData("1 < 1.5 && 2u > 1.5 && 1 < 2u && -1 < 0u")]
    [InlineData("dyn(-1) < 18446744073709551615u")]
    [InlineData("!(0.0 / 0.0 == 0.0 / 0.0) && 0.0 / 0.0 != 0.0 / 0.0")]
    [InlineData("!(1.0 < 0.0 / 0.0) && !(1.0 >= 0.0 / 0.0) && !(1 == 0.0 / 0.0)")]
    [InlineData("0.0 == -0.0")]
    [InlineData("dyn(9223372036854775807) >= 9223372036854775808.0")]
    [InlineData("dyn('1') != 1 && dyn(null) != 0 && dyn(true) != 1 && dyn([]) != {}")]
    [InlineData("[1, 2.0, 3u] == [1u, 2, 3.0]")]
    [InlineData("{'a': 1, 2: 'b'} == {2u: 'b', 'a': 1.0}")]
    [InlineData("{'a': 1} != {'a': 1, 'b': 2}")]
    [InlineData("[[1], [2]] != [[1], [3]]")]
    [InlineData("'abc' < 'abd' && 'ab' < 'abc' && '' < 'a'")]
    [InlineData("'\\uffff' < '\\U00010000'")]
    [InlineData("b'a' < b'b' && b'a' < b'aa'")]
    [InlineData("false < true && true >= false")]
    [InlineData("null == null")]
    [InlineData("type(1) == int && type(1u) != int && type(int) == type")]
    public void Evaluate_Comparison_HoldsAcrossTypes(string source) => Assert.True(Cel.IsTrue(source));

    [Theory]
    [InlineData("2 in [1, 2.0]")]
    [InlineData("!(3 in [1, 2])")]
    [InlineData("'a' in {'a': 1}")]
    [InlineData("1.0 in {1: 'x'} && !(1.5 in {1: 'x'})")]
    [InlineData("[1] in [[1], [2]]")]
    [InlineData("!(null in {'a': 1})")]
    [InlineData("null in [null]")]
    public void Evaluate_In_FindsElementsAndKeys(string source) => Assert.True(Cel.IsTrue(source));

    [Theory]
    [InlineData("[10, 20, 30][1]", "20")]
    [InlineData("[10, 20, 30][dyn(1.0)]", "20")]
    [InlineData("[10, 20, 30][1u]", "20")]
    [InlineData("{'a': 1}['a']", "1")]
    [InlineData("{'a': 1}.a", "1")]
    [InlineData("{1: 'x'}[1u]", "\"x\"")]
    [InlineData("{1: 'x'}[1.0]", "\"x\"")]
    [InlineData("{9223372036854775807: 'x', true: 'y'}[9223372036854775807u]", "\"x\"")]
    [InlineData("{'content-type': 'json'}.`content-type`", "\"json\"")]
    [InlineData("{'if': 1}.if", "1")]
    [InlineData("[1, 2, ]", "[1, 2]")]
    [InlineData("{'a': 1, }", "{\"a\": 1}")]
    public void Evaluate_Access_FindsElements(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("false && 1 / 0 > 0", "false")]
    [InlineData("1 / 0 > 0 && false", "false")]
    [InlineData("true || 1 / 0 > 0", "true")]
    [InlineData("1 / 0 > 0 || true", "true")]
    [InlineData("1 / 0 > 0 || 2 / 0 > 0 || true", "true")]
    [InlineData("'x' && false", "false")]
    [InlineData("missing || true", "true")]
    [InlineData("nothing(1) || true", "true")]
    [InlineData("true ? 1 : 1 / 0", "1")]
    public void Evaluate_Logic_AbsorbsErrors(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("1 / 0 > 0 && true", "expression.division-by-zero")]
    [InlineData("true && 'x'", "expression.type")]
    [InlineData("1 / 0 > 0 || missing", "expression.division-by-zero")]
    [InlineData("missing || 1 / 0 > 0", "expression.unknown-name")]
    [InlineData("1 / 0 > 0 ? 1 : 1", "expression.division-by-zero")]
    public void Evaluate_Logic_KeepsTheFirstErrorThatNothingDecides(string source, string code) =>
        Assert.Equal(code, Cel.Error(source).Code);

    [Theory]
    [InlineData("9223372036854775807 + 1")]
    [InlineData("-9223372036854775808 - 1")]
    [InlineData("-9223372036854775808 / -1")]
    [InlineData("-(-9223372036854775808)")]
    [InlineData("3037000500 * 3037000500")]
    [InlineData("0u - 1u")]
    [InlineData("18446744073709551615u + 1u")]
    [InlineData("4294967296u * 4294967296u")]
    public void Evaluate_IntegerBeyondItsRange_Overflows(string source) =>
        Assert.Equal(ExpressionErrorCodes.Overflow, Cel.Error(source).Code);
}
