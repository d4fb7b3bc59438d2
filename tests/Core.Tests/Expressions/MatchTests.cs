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
    [InlineData("Kk\u212A")]
    [InlineData("Ss\u017F")]
    [InlineData("ΣσςΣ")]
    [InlineData("Åå\u212B")]
    [InlineData("\u00B5Μμ")]
    [InlineData("Θθϑϴ")]
    [InlineData("ΙιͅΙ\u1FBE")]
    [InlineData("Ωω\u2126")]
    [InlineData("ǅǄǆ")]
    [InlineData("ßẞ")]
    [InlineData("Ṡṡẛ")]
    [InlineData("Ттᲄᲅ")]
    [InlineData("Ꙋꙋᲈ")]
    [InlineData("ﬅﬆ")]
    [InlineData("ΐ\u1FD3")]
    [InlineData("ΰ\u1FE3")]
    [InlineData("ÉéÉ")]
    [InlineData("Ꭰꭰ")]
    [InlineData("ა\u1C90")]
    public void Matches_WithoutRegardToCase_TakesEveryMemberOfAClassForEveryOther(string orbit)
    {
        foreach (var a in orbit)
        {
            foreach (var b in orbit)
            {
                Assert.True(IsMatch($"(?i)^{a}$", b), $"{(int)a:X4} {(int)b:X4}");
                Assert.True(IsMatch($"(?i)^[x{a}]$", b), $"[{(int)a:X4}] {(int)b:X4}");
                Assert.False(IsMatch($"(?i)^[^{a}]$", b), $"[^{(int)a:X4}] {(int)b:X4}");
                Assert.Equal(a == b, IsMatch($"^{a}$", b));
            }
        }
    }

    [Theory]
    [InlineData("(?i)^[r-t]$", 'ſ', true)]
    [InlineData("(?i)^[J-L]$", '\u212A', true)]
    [InlineData("(?i)^[ρ-τ]$", 'ς', true)]
    [InlineData("(?i)^[^r-t]$", 'ſ', false)]
    [InlineData("(?i)^[a-j]$", '\u212A', false)]
    [InlineData(@"(?i)^\w$", 'ſ', true)]
    [InlineData(@"(?i)^\W$", 'ſ', false)]
    [InlineData(@"(?i)^\W$", 'k', false)]
    [InlineData(@"(?i)^[\W]$", 'S', false)]
    [InlineData(@"(?i)^[[:^word:]]$", 's', false)]
    [InlineData(@"(?i)^\P{Lu}$", 'a', false)]
    [InlineData(@"(?i)^\P{Lu}$", '1', true)]
    [InlineData(@"(?i)^\p{Lu}$", 'a', true)]
    [InlineData(@"^\W$", 'ſ', true)]
    [InlineData("(?i)^i$", 'İ', false)]
    [InlineData("(?i)^i$", 'ı', false)]
    public void Matches_WithoutRegardToCase_ReachesIntoClasses(string pattern, char text, bool expected) =>
        Assert.Equal(expected, IsMatch(pattern, text));

    [Fact]
    public void Next_AllCodePoints_GoRoundSmallClassesThatTheFrameworksMappingsStayIn()
    {
        for (var c = 0; c <= 0x10FFFF; c++)
        {
            HashSet<int> orbit = [c];
            for (var next = CaseOrbit.Next(c); next != c; next = CaseOrbit.Next(next))
            {
                Assert.True(orbit.Add(next) && orbit.Count <= 4, $"{c:X4} is never reached again");
            }

            // The dotted I and the dotless i fold only in Turkic languages.
            if (System.Text.Rune.TryCreate(c, out var rune) && c is not (0x130 or 0x131))
            {
                Assert.True(orbit.Contains(System.Text.Rune.ToUpperInvariant(rune).Value), $"{c:X4} has a capital outside its class");
                Assert.True(orbit.Contains(System.Text.Rune.ToLowerInvariant(rune).Value), $"{c:X4} has a small letter outside its class");
            }
        }
    }

    [Fact]
    public void Matches_WithoutRegardToCase_IsSymmetricOverTheBasicPlane()
    {
        var cased = Enumerable.Range(1, 0xFFFF).Where(c => !char.IsSurrogate((char)c) && CaseOrbit.Next(c) != c).ToList();
        Assert.InRange(cased.Count, 2_000, 4_000);
        foreach (var a in cased)
        {
            for (var b = CaseOrbit.Next(a); b != a; b = CaseOrbit.Next(b))
            {
                Assert.True(IsMatch($"(?i)^{(char)a}$", (char)b), $"{a:X4} {b:X4}");
                Assert.True(IsMatch($"(?i)^{(char)b}$", (char)a), $"{b:X4} {a:X4}");
            }
        }
    }

    private static bool IsMatch(string pattern, char text)
    {
        Assert.True(Re2Pattern.TryParse(pattern, out var parsed, out var problem), problem);
        var evaluation = Evaluation.Unlimited();
        return parsed.IsMatch(ref evaluation, text.ToString());
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
