using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("'a' // to the end", "\"a\"")]
    [InlineData("1 + // one\n 2", "3")]
    [InlineData("\t1\r\n+\f2 ", "3")]
    [InlineData("\"\"\"a\n'b\"\"\"", "\"a\\n'b\"")]
    [InlineData("r'a\\n'", "\"a\\\\n\"")]
    [InlineData("'\\x41\\u00e9\\U0001F600\\101'", "\"Aé😀A\"")]
    [InlineData("'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\\"\\'\\`'", "\"\\a\\b\\f\\n\\r\\t\\v\\\\?\\\"'`\"")]
    [InlineData("b'\\xff\\377é' == b'\\xff\\xff\\xc3\\xa9'", "true")]
    [InlineData("br'\\x' == b'\\\\x'", "true")]
    [InlineData("1e3", "double 1000")]
    [InlineData(".5 + 1.5E-1", "double 0.65")]
    [InlineData("-0x10", "-16")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    public void Parse_Lexis_ReadsLiteralsAndBlanks(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("1 +", 1, 4)]
    [InlineData("1 1", 1, 3)]
    [InlineData("(1", 1, 3)]
    [InlineData("[1, 2", 1, 6)]
    [InlineData("{'a' 1}", 1, 6)]
    [InlineData("f(1,)", 1, 4)]
    [InlineData("a ? b", 1, 6)]
    [InlineData("a.", 1, 3)]
    [InlineData("a.true", 1, 3)]
    [InlineData("a.?b", 1, 3)]
    [InlineData("for", 1, 1)]
    [InlineData("a = 1", 1, 3)]
    [InlineData("a & b", 1, 3)]
    [InlineData("a | b", 1, 3)]
    [InlineData("a ! b", 1, 3)]
    [InlineData("!-1", 1, 2)]
    [InlineData("1x", 1, 1)]
    [InlineData("'abc", 1, 1)]
    [InlineData("'a\nb'", 1, 1)]
    [InlineData("'\\s'", 1, 2)]
    [InlineData("'\\ud83d'", 1, 2)]
    [InlineData("'\\U00110000'", 1, 2)]
    [InlineData("'\\477'", 1, 2)]
    [InlineData("'\\08a'", 1, 2)]
    [InlineData("Message{a: 1}", 1, 8)]
    [InlineData("a.``", 1, 3)]
    [InlineData("${a}", 1, 1)]
    [InlineData("1 +\n  '😀' + )", 2, 9)]
    public void Parse_WhatIsNoExpression_NamesThePlace(string source, int line, int column)
    {
        Assert.False(Expression.TryParse(source, out _, out var error));
        Assert.Equal((ExpressionErrorCodes.Syntax, line, column), (error.Code, error.Line, error.Column));
    }

    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("18446744073709551616u")]
    [InlineData("1e400")]
    public void Parse_NumberBeyondItsType_Overflows(string source) =>
        Assert.Equal(ExpressionErrorCodes.Overflow, Cel.Error(source).Code);

    [Fact]
    public void Parse_UnpairedSurrogate_IsASyntaxError() =>
        Assert.Equal(ExpressionErrorCodes.Syntax, Cel.Error("'\ud83d'").Code);

    [Theory]
    [InlineData("a=1", "==")]
    [InlineData("a & b", "&&")]
    [InlineData("“a”", "straight quotes")]
    [InlineData("x.?y", "has(a.b)")]
    [InlineData("T{a: 1}", "{ 'field': value }")]
    public void Parse_CommonMistake_SaysWhatToWrite(string source, string hint) =>
        Assert.Contains(hint, Cel.Error(source).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1+2*3", "1 + 2 * 3")]
    [InlineData("((1+2))*3", "(1 + 2) * 3")]
    [InlineData("1-(2-3)", "1 - (2 - 3)")]
    [InlineData("(1-2)-3", "1 - 2 - 3")]
    [InlineData("(a&&b)&&c", "a && b && c")]
    [InlineData("a&&(b&&c)", "a && (b && c)")]
    [InlineData("a||b&&c", "a || b && c")]
    [InlineData("(a||b)&&c", "(a || b) && c")]
    [InlineData("a?b:c?d:e", "a ? b : c ? d : e")]
    [InlineData("(a?b:c)?(d?e:f):g", "(a ? b : c) ? (d ? e : f) : g")]
    [InlineData("!(a==b)", "!(a == b)")]
    [InlineData("--5", "--5")]
    [InlineData("-(5)", "-(5)")]
    [InlineData("-(5).x", "-(5).x")]
    [InlineData("(-5).x", "(-5).x")]
    [InlineData("!(-5)", "!(-5)")]
    [InlineData("-(-x)", "-(-x)")]
    [InlineData("(a.b)[0].c( )", "a.b[0].c()")]
    [InlineData("'it''s'", null)]
    [InlineData("'q\"'", "\"q\\\"\"")]
    [InlineData("b'\\x00a'", "b\"\\x00a\"")]
    [InlineData("2.0", "2.0")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("1e100", "1e+100")]
    [InlineData("0x10u", "16u")]
    [InlineData(".a.`b-c`.if", ".a.`b-c`.if")]
    [InlineData("[1,[ ],{ },{'a':1,},]", "[1, [], {}, {\"a\": 1}]")]
    [InlineData("(a < b) < c", "a < b < c")]
    [InlineData("a < (b < c)", "a < (b < c)")]
    [InlineData("a in b == c", "a in b == c")]
    public void ToString_AnyForm_IsCanonical(string source, string? canonical)
    {
        if (canonical is null)
        {
            Assert.Equal(ExpressionErrorCodes.Syntax, Cel.Error(source).Code);
            return;
        }

        Assert.Equal(canonical, Expression.Parse(source).ToString());
        Assert.Equal(canonical, Expression.Parse(canonical).ToString());
    }
}
