using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

/// <summary>What a reviewer sees in a YAML document is what is read.</summary>
public sealed class HiddenCharacterTests
{
    private const string Head = "language: \"1.0\"\nname: hidden\nversion: 1.0.0\nstart: a\nsteps:\n  - id: a\n    type: set\n    values:\n";

    [Theory]
    [InlineData("      x: ok # reviewed\u0085      y: sneaked in\n", 9, 23)]
    [InlineData("      x: ok # reviewed\r      y: sneaked in\n", 9, 23)]
    [InlineData("      x: 'a\u0085b'\n", 9, 12)]
    [InlineData("      x: a\u2028b\n", 9, 11)]
    [InlineData("      x: \"a\u2029b\"\n", 9, 12)]
    [InlineData("      x: pay\u202E001\u202C\n", 9, 13)]
    [InlineData("      x: \u2066a\n", 9, 10)]
    [InlineData("      x: a\uFEFFb\n", 9, 11)]
    [InlineData("      x: \"a\u009Bb\"\n", 9, 12)]
    [InlineData("      x: \"a\u001B[2Jb\"\n", 9, 12)]
    [InlineData("      x: a\u200Bb\n", 9, 11)]
    [InlineData("      x: \u05D0\u200E\n", 9, 11)]
    [InlineData("      x: a\u3164b\n", 9, 11)]
    [InlineData("      x: a\u180Bb\n", 9, 11)]
    [InlineData("      x: a\U00016FE4b\n", 9, 11)]
    [InlineData("      x: a\U000E0041b\n", 9, 11)]
    [InlineData("      x: a\u200Db\n", 9, 11)]
    [InlineData("      x: \u05D0\u200Cb\n", 9, 11)]
    [InlineData("      x: a\uFE0F\n", 9, 11)]
    [InlineData("      x: \u2764\uFE0F\uFE0F\n", 9, 12)]
    public void Read_OfCharacterThatCannotBeSeen_RefusesItAtItsPlace(string lines, int line, int column)
    {
        var problem = DefinitionReader.Read(Head + lines).Problems[0];
        Assert.Equal((ProblemCodes.HiddenCharacter, line, column), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("\"a\\u0085b\"", "a\u0085b")]
    [InlineData("\"a\\u2028b\"", "a\u2028b")]
    [InlineData("\"a\\u202Eb\"", "a\u202Eb")]
    [InlineData("\"\\e[2J\"", "\u001B[2J")]
    [InlineData("a\tb", "a\tb")]
    [InlineData("\"a\\u200Db\"", "a\u200Db")]
    [InlineData("\"a\\U000E0041b\"", "a\U000E0041b")]
    [InlineData("\u2764\uFE0F\u200D\U0001F525 hot", "\u2764\uFE0F\u200D\U0001F525 hot")]
    [InlineData("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645")]
    [InlineData("\U0001F468\u200D\U0001F469 \u05D0", "\U0001F468\u200D\U0001F469 \u05D0")]
    public void Read_OfEscapedOrOrdinaryCharacter_KeepsItThroughTheWriter(string written, string value)
    {
        var definition = DefinitionReader.Read(Head + $"      x: {written}\n").Definition!;
        Assert.Equal(value, ValueOf(definition));
        Assert.Equal(value, ValueOf(DefinitionReader.Read(DefinitionWriter.ToYaml(definition)).Definition!));
        Assert.Equal(value, ValueOf(DefinitionReader.ReadStored(definition.Canonical.Span).Definition!));

        static string ValueOf(Definition of) => Assert.IsType<SetStep>(of.FindStep("a")).Values.Source.GetProperty("x").GetString()!;
    }

    [Theory]
    [InlineData("strictly.\u00A0# approve all", 0x00A0)]
    [InlineData("strictly.\u3000# approve all", 0x3000)]
    [InlineData("strictly.\u202F#x", 0x202F)]
    [InlineData("a:\u2003b", 0x2003)]
    [InlineData("{ a:\u1680b }", 0x1680)]
    public void Read_OfBlankThatIsNoSpaceInAnUnquotedText_RefusesIt(string written, int blank)
    {
        var problem = DefinitionReader.Read(Head + $"      x: {written}\n").Problems[0];
        Assert.Equal((ProblemCodes.HiddenCharacter, 9), (problem.Code, problem.Line));
        Assert.Contains($"U+{blank:X4}", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'12\u00A0000 \u20AC'")]
    [InlineData("|\n        Prix\u00A0: 12\u202F000 \u20AC # \u3000\n")]
    [InlineData("ok #\u00A0a comment")]
    public void Read_OfBlankThatDeceivesNoReader_KeepsIt(string written) => Assert.Empty(DefinitionReader.Read(Head + $"      x: {written}\n").Problems);

    [Theory]
    [InlineData("\u202E", "\\u202E")]
    [InlineData("\u200B", "\\u200B")]
    [InlineData("\u2028", "\\u2028")]
    [InlineData("\U000E0041", "\\uDB40\\uDC41")]
    [InlineData("\U00013430", "\\uD80D\\uDC30")]
    [InlineData("\uFFFC", "\\uFFFC")]
    [InlineData("\uFDD0", "\\uFDD0")]
    public void Read_OfJsonWithAHiddenCharacter_RefusesItAndNamesTheEscape(string hidden, string escape)
    {
        string Json(string value) => $$"""
            { "language": "1.0", "name": "hidden", "version": "1.0.0", "start": "a",
              "steps": [{ "id": "a", "type": "set", "values": { "x": "pay{{value}}" } }] }
            """;
        var problem = DefinitionReader.Read(Json(hidden)).Problems[0];
        Assert.Equal((ProblemCodes.HiddenCharacter, 2, 62), (problem.Code, problem.Line, problem.Column));
        Assert.Contains($"\"{escape}\"", problem.Message, StringComparison.Ordinal);
        Assert.Equal("pay" + hidden, Assert.IsType<SetStep>(DefinitionReader.Read(Json(escape)).Definition!.FindStep("a")).Values.Source.GetProperty("x").GetString());
    }

    [Theory]
    [InlineData(0x0600)]
    [InlineData(0x06DD)]
    [InlineData(0x3000)]
    [InlineData(0x1F600)]
    [InlineData(0x0E33)]
    public void Is_OfAVisibleSign_IsFalse(int value) => Assert.False(HiddenCharacter.Is(new System.Text.Rune(value)));

    [Fact]
    public void ToJson_OfEveryHiddenCharacter_IsReadAgain()
    {
        foreach (int value in Enumerable.Range(0, 0x110000).Where(value => System.Text.Rune.IsValid(value) && HiddenCharacter.Is(new System.Text.Rune(value))))
        {
            var rune = new System.Text.Rune(value);
            var escape = string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:X4}"));
            var definition = DefinitionReader.Read(Head + $"      x: \"a{(rune.IsBmp ? escape : $"\\U{value:X8}")}\"\n").Definition!;
            var again = DefinitionReader.Read(DefinitionWriter.ToJson(definition));
            Assert.True(again.Definition?.Hash == definition.Hash, $"U+{value:X4}: {string.Join(';', again.Problems)}");
        }
    }

    [Fact]
    public void Read_OfWindowsLineEnds_IsFine() => Assert.Empty(DefinitionReader.Read((Head + "      x: 1\n").Replace("\n", "\r\n", StringComparison.Ordinal)).Problems);
}
