using Countersign.Core.Tests.Fuzzing;
using Countersign.Expressions;
using FsCheck;
using FsCheck.Fluent;

namespace Countersign.Core.Tests.Expressions;

public sealed class ExpressionProperties
{
    private static readonly ExpressionLimits Wide = ExpressionLimits.Default with { SourceBytes = 1_000_000, Nesting = 200, Steps = 1_000_000 };

    private static readonly ExpressionScope Scope = Cel.Scope("""{"a": 1, "b": {"f": [1, "x"], "n1": null}, "input": [true, 2], "x": "ab", "y": {}}""");

    private static Config Config => Config.QuickThrowOnFailure.WithMaxTest(1_000);

    private static Arbitrary<ulong> Seeds => ArbMap.Default.ArbFor<ulong>();

    [Fact]
    public void Print_AnyTree_ReadsBackAsTheSameTree() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        var tree = TreeGrammar.Tree(ref random, 5);
        var printed = Printer.Print(tree);
        var again = Parser.Parse(printed, Wide);
        Assert.Equal(TreeGrammar.Dump(tree), TreeGrammar.Dump(again));
        Assert.Equal(printed, Printer.Print(again));
    }).Check(Config);

    [Theory]
    [InlineData("&&")]
    [InlineData("||")]
    public void Absorption_AnyOperands_IsCommutative(string operation) => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        string left = Printer.Print(TreeGrammar.Tree(ref random, 3)), right = Printer.Print(TreeGrammar.Tree(ref random, 3));
        Assert.Equal(Outcome($"({left}) {operation} ({right})"), Outcome($"({right}) {operation} ({left})"));
    }).Check(Config);

    [Fact]
    public void Quantifiers_AnyPredicate_AreTheLogicOfTheirElements() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        var predicate = Printer.Print(TreeGrammar.Tree(ref random, 3));
        string At(int element) => $"cel.bind(x, {element}, {predicate})";
        Assert.Equal(Outcome($"({At(0)}) && ({At(1)}) && ({At(2)})"), Outcome($"[0, 1, 2].all(x, {predicate})"));
        Assert.Equal(Outcome($"({At(0)}) || ({At(1)}) || ({At(2)})"), Outcome($"[0, 1, 2].exists(x, {predicate})"));
    }).Check(Config);

    [Fact]
    public void Comparison_AnyNumbers_IsTotalAcrossKinds() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        var scope = new ExpressionScope(("l", Number(ref random)), ("r", Number(ref random)));
        bool less = Is("l < r", scope), equal = Is("l == r", scope), greater = Is("l > r", scope);
        Assert.Equal(1, (less ? 1 : 0) + (equal ? 1 : 0) + (greater ? 1 : 0));
        Assert.Equal(!greater, Is("l <= r", scope));
        Assert.Equal(!less, Is("l >= r", scope));
        Assert.Equal(!equal, Is("l != r", scope));
        Assert.Equal(less, Is("r > l", scope));
        Assert.Equal(equal, Is("r == l", scope));
        Assert.Equal(equal, Is("l in [r]", scope));
    }).Check(Config);

    [Fact]
    public void IntegerArithmetic_AnyOperands_IsExactOrOverflows() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        long a = Long(ref random), b = Long(ref random);
        var scope = new ExpressionScope(("a", CelValue.Int(a)), ("b", CelValue.Int(b)));
        Same("a + b", (Int128)a + b);
        Same("a - b", (Int128)a - b);
        Same("a * b", (Int128)a * b);
        Same("-a", -(Int128)a);

        void Same(string source, Int128 exact)
        {
            var fits = exact >= long.MinValue && exact <= long.MaxValue;
            Assert.Equal(fits ? exact.ToString(System.Globalization.CultureInfo.InvariantCulture) : ExpressionErrorCodes.Overflow, Shown(source, scope));
        }
    }).Check(Config);

    [Fact]
    public void Text_AnyStrings_FunctionsAgreeWithEachOther() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Seeded(seed);
        var scope = new ExpressionScope(("s", Text(ref random, 12)), ("t", Text(ref random, 2)), ("n", CelValue.Int(random.Next(5))));
        Assert.True(Is("s.split(t).join(t) == s || (t == '' && s.split('').join() == s)", scope));
        Assert.True(Is("s.reverse().reverse() == s && s.reverse().size() == s.size()", scope));
        Assert.True(Is("s.contains(t) == (s.indexOf(t) >= 0) && s.contains(t) == (s.lastIndexOf(t) >= 0)", scope));
        Assert.True(Is("n > s.size() || s.substring(0, n) + s.substring(n) == s", scope));
        Assert.True(Is("n >= s.size() || s.substring(n, n + 1) == s.charAt(n)", scope));
        Assert.True(Is("!s.contains(t) || s.substring(s.indexOf(t)).startsWith(t)", scope));
        Assert.True(Is("t == '' || s.replace(t, '') == s.split(t).join()", scope));
        Assert.True(Is("string(bytes(s)) == s && (s < t) == (bytes(s) < bytes(t))", scope));
    }).Check(Config);

    private static string Outcome(string source)
    {
        var shown = Shown(source, Scope);
        return shown.StartsWith("expression.", StringComparison.Ordinal) ? "error" : shown;
    }

    private static string Shown(string source, IExpressionScope scope)
    {
        try
        {
            return Expression.Parse(source, Wide).Evaluate(scope).ToString();
        }
        catch (ExpressionException e)
        {
            return e.Code;
        }
    }

    private static bool Is(string source, IExpressionScope scope) => Expression.Parse(source, Wide).EvaluateCondition(scope);

    private static long Long(ref Seeded random) => random.Next(4) switch
    {
        0 => random.Next(7) - 3,
        1 => long.MaxValue - random.Next(3),
        2 => long.MinValue + random.Next(3),
        _ => (long)random.Next() >> random.Next(63),
    };

    private static CelValue Number(ref Seeded random) => random.Next(4) switch
    {
        0 => CelValue.Int(Long(ref random)),
        1 => CelValue.Uint((ulong)Long(ref random)),
        2 => CelValue.Double(Long(ref random) * (random.Next(2) == 0 ? 1.0 : 0.5)),
        _ => CelValue.Double(random.Next(2) == 0 ? double.PositiveInfinity : -1e300),
    };

    private static CelValue Text(ref Seeded random, int most)
    {
        string[] letters = ["a", "b", "ab", "é", "\uE000", "😀", "\U0010FFFF"];
        var text = "";
        for (var i = random.Next(most + 1); i > 0; i--)
        {
            text += letters[random.Next(letters.Length)];
        }

        return CelValue.String(text);
    }
}
