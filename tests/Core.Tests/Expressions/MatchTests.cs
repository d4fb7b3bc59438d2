using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class MatchTests
{
    [Theory]
    [InlineData("abc", "b", true)]
    [InlineData("abc", "^b", false)]
    [InlineData("abc", "^abc$", true)]
    [InlineData("abc\n", "^abc$", false)]
    [InlineData("a\nb", "a.b", false)]
    [InlineData("a\nb", "(?s)a.b", true)]
    [InlineData("a\nb", "(?m)^b$", true)]
    [InlineData("ABC", "(?i)abc", true)]
    [InlineData("ABC", "(?i:a)BC", true)]
    [InlineData("ABC", "(?i:a)bC", false)]
    [InlineData("aXc", "(?i)(?-i:a)x", true)]
    [InlineData("٣", @"\d", false)]
    [InlineData("é", @"\w", false)]
    [InlineData("\u00a0", @"\s", false)]
    [InlineData("x1_", @"^\w+$", true)]
    [InlineData("é", @"^\pL$", true)]
    [InlineData("é", @"^\p{Ll}$", true)]
    [InlineData("é", @"^\P{Lu}$", true)]
    [InlineData("😀", @"^\P{L}$", true)]
    [InlineData("😀", @"^[^\p{L}]$", true)]
    [InlineData("😀", @"^[^\P{L}]$", false)]
    [InlineData("😀", "^.$", true)]
    [InlineData("😀", "^[^a]$", true)]
    [InlineData("😀", "^[😀-😎]$", true)]
    [InlineData("😏", "^[😀-😎]$", false)]
    [InlineData("😀😀", "^😀{2}$", true)]
    [InlineData("😀", @"^\x{1F600}$", true)]
    [InlineData("𠀀", "^[a-\U0002FFFF]$", true)]
    [InlineData("A", @"^\x41$", true)]
    [InlineData("A", @"^\101$", true)]
    [InlineData("]", "^[]]$", true)]
    [InlineData("-", "^[a-]$", true)]
    [InlineData("b", "^[[:alpha:]]$", true)]
    [InlineData("1", "^[[:^alpha:]]$", true)]
    [InlineData("a.b", @"^a\.b$", true)]
    [InlineData("a.b", @"^\Qa.b\E$", true)]
    [InlineData("a{b", "^a{b$", true)]
    [InlineData("aab", "^(?P<n>a){2}b$", true)]
    [InlineData("aab", "^(?<n>a)+?b$", true)]
    [InlineData("", "", true)]
    [InlineData("foo bar", @"\bbar\b", true)]
    [InlineData("aaa", "^a{2,3}$", true)]
    [InlineData("a", "^a{2,}$", false)]
    [InlineData("x", "(|a)+", true)]
    [InlineData("ab", "^(a|ab)$", true)]
    [InlineData("é", @"\bé\b", false)]
    [InlineData("ab", @"a\Bb", true)]
    [InlineData("É", "(?i)^é$", true)]
    [InlineData("É", "(?i)^[^é]$", false)]
    [InlineData("\u212A", "(?i)^k$", true)]
    [InlineData("aBb", @"^\Qa\E(?i)b+$", true)]
    [InlineData("a..", @"^\Qa.\E+$", true)]
    [InlineData("𐐀", @"^\p{Lu}$", true)]
    [InlineData("a", "a{0}b{0,0}", true)]
    public void Matches_Re2Syntax_FindsWhatRe2Finds(string text, string pattern, bool expected)
    {
        var scope = new ExpressionScope(("text", CelValue.String(text)), ("pattern", CelValue.String(pattern)));
        Assert.Equal(expected, Expression.Parse("text.matches(pattern)").EvaluateCondition(scope));
        var literal = Expression.Parse($"matches(text, {CelValue.String(pattern)})");
        Assert.Equal(expected, literal.EvaluateCondition(scope));
    }

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?>a)")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\k<n>")]
    [InlineData("(?<a-b>c)")]
    [InlineData("(?(a)b|c)")]
    [InlineData("(?#comment)")]
    [InlineData("(?x)a b")]
    [InlineData("a**")]
    [InlineData("*a")]
    [InlineData("a|*")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("[[:nope:]]")]
    [InlineData(@"\p{Greek}")]
    [InlineData(@"\Z")]
    [InlineData(@"\G")]
    [InlineData(@"\C")]
    [InlineData("\\")]
    [InlineData(@"\x{110000}")]
    [InlineData("a{101}")]
    [InlineData("a{3,2}")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData("(((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))")]
    public void Matches_WhatRe2OrTheLimitsRefuse_IsAnInvalidArgument(string pattern)
    {
        var scope = new ExpressionScope(("pattern", CelValue.String(pattern)));
        var error = Assert.Throws<ExpressionException>(() => Expression.Parse("'a'.matches(pattern)").Evaluate(scope));
        Assert.Equal(ExpressionErrorCodes.InvalidArgument, error.Code);
        Assert.Contains("pattern", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Matches_PatternBeyond256Characters_IsRefused()
    {
        Assert.Equal(ExpressionErrorCodes.InvalidArgument, Cel.Error($"'a'.matches('{new string('a', 257)}')").Code);
        Assert.Equal("true", Cel.Shown($"'{new string('a', 256)}'.matches('{new string('a', 256)}')"));
    }

    [Theory]
    [InlineData("(a*)*$")]
    [InlineData("(a|a)*b")]
    [InlineData("(x+x+)+y")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    public void Matches_PatternsThatExplodeWhereEnginesBacktrack_EndWithinTheSteps(string pattern)
    {
        var scope = new ExpressionScope(("text", CelValue.String(new string('a', 20_000))), ("pattern", CelValue.String(pattern)));
        Expression.Parse("text.matches(pattern)").Evaluate(scope, out var steps);
        Assert.InRange(steps, 3, 4_000);
    }

    [Theory]
    [InlineData("(.{0,9}a){90}x")]
    [InlineData("(.*a.{90}){3}x")]
    [InlineData(@"(?i)(\pL{1,20}\d?){10}\d$")]
    public void Matches_PatternsThatExplodeWhereEnginesBuildAutomata_AreChargedWhatTheyCost(string pattern)
    {
        var scope = new ExpressionScope(("text", CelValue.String(string.Concat(Enumerable.Repeat("aba", 300)))), ("pattern", CelValue.String(pattern)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Expression.Parse("text.matches(pattern)").Evaluate(scope, out var steps);
        Assert.InRange(steps, 100, 10_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void Matches_LongTextAndLargePattern_RunOutOfSteps()
    {
        var scope = new ExpressionScope(("text", CelValue.String(new string('a', 60_000))), ("pattern", CelValue.String("(.{0,9}a){90}x")));
        var error = Assert.Throws<ExpressionException>(() => Expression.Parse("text.matches(pattern)").Evaluate(scope));
        Assert.Equal(ExpressionErrorCodes.Limit, error.Code);
    }
}
