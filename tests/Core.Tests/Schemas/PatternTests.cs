using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class PatternTests
{
    private static string Pattern(string pattern) => $$"""{ "pattern": {{System.Text.Json.JsonSerializer.Serialize(pattern)}} }""";

    private static string Text(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    [Theory]
    [InlineData("a+", "xxaayy", true)]
    [InlineData("^a+$", "xxaayy", false)]
    [InlineData("^abc$", "abc\n", false)]
    [InlineData("^abc$", "x\nabc\ny", false)]
    [InlineData("^(?:a|bc){2,3}$", "abca", true)]
    [InlineData("^(?<year>[0-9]{4})-[0-9]{2}$", "2026-01", true)]
    [InlineData("^a.c$", "a\nc", false)]
    [InlineData("^a.c$", "a\u2028c", false)]
    [InlineData("^a.c$", "a\u0085c", true)]
    [InlineData("^.$", "😀", true)]
    [InlineData("^..$", "😀", false)]
    [InlineData("^[😀-😂]$", "😁", true)]
    [InlineData("^[^a]$", "😁", true)]
    [InlineData("^\\u{1F600}$", "😀", true)]
    [InlineData("^\\uD83D\\uDE00$", "😀", true)]
    [InlineData("^😀{2}$", "😀😀", true)]
    [InlineData("^\\d$", "٣", false)]
    [InlineData("^\\D$", "٣", true)]
    [InlineData("^\\w$", "é", false)]
    [InlineData("^\\w$", "_", true)]
    [InlineData("^\\W$", "é", true)]
    [InlineData("^\\s$", "\uFEFF", true)]
    [InlineData("^\\s$", "\u0085", false)]
    [InlineData("^\\S$", "\u3000", false)]
    [InlineData("^\\p{L}+$", "Größe", true)]
    [InlineData("^\\p{Lu}$", "𝐀", true)]
    [InlineData("^\\P{Lu}$", "a", true)]
    [InlineData("^[\\p{L}\\d-]+$", "é3-", true)]
    [InlineData("^\\p{General_Category=Decimal_Number}$", "٣", true)]
    [InlineData("^\\p{Cased_Letter}$", "ǅ", true)]
    [InlineData("^\\p{ASCII}$", "é", false)]
    [InlineData("\\bfoo\\b", "a foo.", true)]
    [InlineData("\\bfoo\\b", "éfoo", true)]
    [InlineData("\\bfoo\\b", "afoo", false)]
    [InlineData("\\Bfoo", "afoo", true)]
    [InlineData("\\Bfoo", "éfoo", false)]
    [InlineData("^\\bé", "é", false)]
    [InlineData("^[\\w.-]+@[\\w-.]+$", "a.b@c-d.e", true)]
    [InlineData("^\\-\\/\\.$", "-/.", true)]
    [InlineData("^[]$", "a", false)]
    [InlineData("[]", "", false)]
    [InlineData("^[^]$", "\n", true)]
    [InlineData("^\\cC\\x41\\0$", "\u0003A\0", true)]
    [InlineData("^[\\b]$", "\b", true)]
    [InlineData("", "anything", true)]
    [InlineData("a||b", "", true)]
    [InlineData("^a{0}$", "", true)]
    [InlineData("^a{2,}?$", "aaa", true)]
    [InlineData("I", "ı", false)]
    public void Pattern_Ecma262_MatchesCodePoints(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Accepts(Pattern(pattern), Text(text)));

    [Theory]
    [InlineData("(?=a)b", SchemaCodes.PatternUnsupported)]
    [InlineData("(?!a)b", SchemaCodes.PatternUnsupported)]
    [InlineData("(?<=a)b", SchemaCodes.PatternUnsupported)]
    [InlineData("(?<!a)b", SchemaCodes.PatternUnsupported)]
    [InlineData("(a)\\1", SchemaCodes.PatternUnsupported)]
    [InlineData("(?<n>a)\\k<n>", SchemaCodes.PatternUnsupported)]
    [InlineData("\\p{Script=Greek}", SchemaCodes.PatternUnsupported)]
    [InlineData("[\\p{Alphabetic}]", SchemaCodes.PatternUnsupported)]
    [InlineData("a{101}", SchemaCodes.PatternTooLarge)]
    [InlineData("a{0,101}", SchemaCodes.PatternTooLarge)]
    [InlineData("(?:(?:a{100}){100}){100}", SchemaCodes.PatternTooLarge)]
    [InlineData("(?:[ab]{50}){50}", SchemaCodes.PatternTooLarge)]
    [InlineData("(", SchemaCodes.PatternSyntax)]
    [InlineData(")", SchemaCodes.PatternSyntax)]
    [InlineData("[a", SchemaCodes.PatternSyntax)]
    [InlineData("[b-a]", SchemaCodes.PatternSyntax)]
    [InlineData("*a", SchemaCodes.PatternSyntax)]
    [InlineData("a**", SchemaCodes.PatternSyntax)]
    [InlineData("^*", SchemaCodes.PatternSyntax)]
    [InlineData("a{2,1}", SchemaCodes.PatternSyntax)]
    [InlineData("a{,5}", SchemaCodes.PatternSyntax)]
    [InlineData("}", SchemaCodes.PatternSyntax)]
    [InlineData("]", SchemaCodes.PatternSyntax)]
    [InlineData("\\", SchemaCodes.PatternSyntax)]
    [InlineData("\\a", SchemaCodes.PatternSyntax)]
    [InlineData("\\1", SchemaCodes.PatternSyntax)]
    [InlineData("\\k<n>", SchemaCodes.PatternSyntax)]
    [InlineData("\\u{110000}", SchemaCodes.PatternSyntax)]
    [InlineData("\\x4", SchemaCodes.PatternSyntax)]
    [InlineData("\\p{}", SchemaCodes.PatternSyntax)]
    [InlineData("(?P<n>a)", SchemaCodes.PatternSyntax)]
    [InlineData("(?i)a", SchemaCodes.PatternSyntax)]
    [InlineData("(?#c)a", SchemaCodes.PatternSyntax)]
    [InlineData("(?<n>a)(?<n>b)", SchemaCodes.PatternSyntax)]
    public void Pattern_NotUsable_IsATypedProblem(string pattern, string code)
    {
        Assert.Equal(code, ProblemCode(Pattern(pattern)));
        Assert.Equal(code, ProblemCode($$"""{ "patternProperties": { {{Text(pattern)}}: true } }"""));
    }

    [Fact]
    public void Pattern_Over256Characters_IsRefused()
    {
        Assert.True(Accepts(Pattern(new string('a', 256)), Text(new string('a', 256))));
        Assert.Equal(SchemaCodes.PatternTooLarge, ProblemCode(Pattern(new string('a', 257))));
    }

    [Fact]
    public void Pattern_Over200Different_IsRefused()
    {
        string patterns = string.Join(",", Enumerable.Range(0, 201).Select(i => $$"""{ "pattern": "a{{i}}" }"""));

        Assert.Equal(SchemaCodes.TooLarge, ProblemCode($$"""{ "anyOf": [{{patterns}}] }"""));
    }

    [Theory]
    [InlineData("""{ "pattern": "a" }""")]
    [InlineData("""{ "not": { "pattern": "b" } }""")]
    [InlineData("""{ "anyOf": [{ "pattern": "b" }, true] }""")]
    public void Pattern_InputOver4096Bytes_IsNeverValid(string schema)
    {
        string longest = Text(new string('a', 4096));
        string tooLong = Text(new string('a', 4097));

        Assert.True(Accepts(schema, longest));
        Assert.False(Accepts(schema, tooLong));
        Assert.Contains(Schema(schema).Validate(Json(tooLong)).Errors, e => e.Code == SchemaCodes.PatternInput);
    }

    [Fact]
    public void Pattern_InputTooLong_NamesTheField()
    {
        SchemaError error = OnlyError("""{ "properties": { "v": { "pattern": "a" } } }""", $$"""{ "v": {{Text(new string('a', 4097))}} }""");

        Assert.Equal("v: is longer than the 4096 bytes that are checked against a pattern", error.Message);
        Assert.Equal(("/properties/v/pattern", "/v"), (error.KeywordLocation, error.InstanceLocation));
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|aa)+$")]
    [InlineData("^(a|a?)+$")]
    [InlineData("^([a-zA-Z]+)*$")]
    [InlineData("(.*a){12}$")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    [InlineData("[ab]*a[ab]{99}c")]
    [InlineData("(?:a?){100}a{100}$")]
    [InlineData("(x+x+)+y")]
    public void Pattern_KnownBad_TakesFewSteps(string pattern)
    {
        var schema = Schema(Pattern(pattern), new SchemaOptions { MaxSteps = 300_000 });
        var text = Json(Text(string.Concat(Enumerable.Range(0, 4095).Select(i => "ab"[(i * i / 7) & 1])) + "!"));

        SchemaResult result = schema.Validate(text);

        // Backtracking would need more steps than can be counted.
        Assert.All(result.Errors, e => Assert.Equal(SchemaCodes.Mismatch, e.Code));
    }

    [Fact]
    public void Pattern_LargestOnLongestText_PaysForItsWork()
    {
        string schema = Pattern("(?:(?:a?){99}b?){9}c");
        string text = Text(new string('a', 4096));

        Assert.Equal(SchemaCodes.StepLimit, OnlyError(schema, text, new SchemaOptions { MaxSteps = 50_000 }).Code);
        Assert.Equal(SchemaCodes.Mismatch, OnlyError(schema, text).Code);
    }
}
