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
        Assert.Equal(value, ValueOf(DefinitionReader.Read(definition.Canonical.Span).Definition!));

        static string ValueOf(Definition of) => Assert.IsType<SetStep>(of.FindStep("a")).Values.Source.GetProperty("x").GetString()!;
    }

    [Fact]
    public void Read_OfWindowsLineEnds_IsFine() => Assert.Empty(DefinitionReader.Read((Head + "      x: 1\n").Replace("\n", "\r\n", StringComparison.Ordinal)).Problems);
}
