namespace Countersign.Host.Tests;

public sealed class DefinitionCommandTests : IDisposable
{
    private const string Good = "language: \"1.0\"\nname: demo\nversion: 1.0.0\nstart: a\nsteps:\n  - { id: a, type: wait, for: 1m }\n";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("validate", "", "is a folder, and a file is expected")]
    [InlineData("secret list --data", "none", "does not exist")]
    [InlineData("secret remove x --data", "none", "does not exist")]
    public async Task Command_FolderThatIsNotWhatIsWanted_IsToldSoAndMakesNone(string command, string name, string told)
    {
        using var place = new TempFolder();
        var outcome = await Countersign.RunAsync([.. command.Split(' '), Path.Combine(place.Path, name)]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Path));
    }

    [Fact]
    public async Task Validate_GoodFile_SaysSo()
    {
        var outcome = await Countersign.RunAsync("validate", Countersign.Sample("workflow.yaml"));
        Assert.Equal(0, outcome.Code);
        Assert.Matches(@"workflow\.yaml: invoice-approval 1\.0\.0 is valid \([0-9a-f]{12}\)", outcome.Output);
    }

    [Fact]
    public async Task Validate_BadFile_NamesLineAndColumn()
    {
        var bad = folder.Write("bad.yaml", Good.Replace("for: 1m", "for: 1m, colour: red", StringComparison.Ordinal));
        var outcome = await Countersign.RunAsync("validate", bad, Countersign.Sample("workflow.yaml"));
        Assert.Equal(1, outcome.Code);
        Assert.Contains($"{bad}(6,35): error definition.unknown-field: ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("is valid", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_MissingFile_CannotRun()
    {
        var outcome = await Countersign.RunAsync("validate", folder["none.yaml"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("none.yaml", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_MissingFileBeforeOthers_ShowsTheOthersAsWell()
    {
        var outcome = await Countersign.RunAsync("validate", folder["none.yaml"], folder.Write("bad.yaml", "steps: ["), Countersign.Sample("workflow.yaml"));
        Assert.Equal(2, outcome.Code);
        Assert.Contains("none.yaml' does not exist", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml(", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("is valid", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_SameAndOther_SaysWhatChanged()
    {
        var (a, b) = (folder.Write("a.yaml", Good), folder.Write("b.yaml", Good.Replace("1m", "2m", StringComparison.Ordinal)));
        var same = await Countersign.RunAsync("diff", a, a);
        Assert.Equal((0, "The two definitions mean the same."), (same.Code, same.Output.Trim()));
        var other = await Countersign.RunAsync("diff", a, b);
        Assert.Equal(1, other.Code);
        Assert.Contains("2m", other.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("DefinitionChange", other.Output, StringComparison.Ordinal);
        var bad = await Countersign.RunAsync("diff", a, folder.Write("c.yaml", "steps: ["));
        Assert.Equal(2, bad.Code);
    }

    [Fact]
    public async Task Upgrade_DocumentOfToday_StaysAsItIs()
    {
        var outcome = await Countersign.RunAsync("upgrade", folder.Write("a.yaml", Good), "-o", folder["b.yaml"]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal(0, (await Countersign.RunAsync("diff", folder["a.yaml"], folder["b.yaml"])).Code);
    }

    [Theory]
    [InlineData("language: \"7.0\"\nname: demo\n", null, 1)]
    [InlineData("language: [", null, 1)]
    [InlineData(Good, "x", 2)]
    public async Task Upgrade_WhatCannotBe_SaysWhy(string text, string? to, int code)
    {
        var file = folder.Write("a.yaml", text);
        var outcome = await Countersign.RunAsync(to is null ? ["upgrade", file] : ["upgrade", file, "--to", to]);
        Assert.Equal(code, outcome.Code);
        Assert.NotEmpty(outcome.Error.Trim());
    }

    [Theory]
    [InlineData("dance")]
    [InlineData("validate")]
    [InlineData("demo", "--loudly")]
    [InlineData("run")]
    [InlineData("serve", "--url")]
    [InlineData("verify", "a", "b")]
    public async Task Command_Unknown_CannotRunAndSaysWhatIsKnown(params string[] arguments)
    {
        var outcome = await Countersign.RunAsync(arguments);
        Assert.Equal(2, outcome.Code);
        Assert.NotEmpty(outcome.Error.Trim());
        Assert.Contains("Usage", outcome.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_NamesEveryCommand()
    {
        var outcome = await Countersign.RunAsync("--help");
        Assert.Equal(0, outcome.Code);
        Assert.All(
            (string[])["demo", "serve", "run", "validate", "upgrade", "diff", "verify", "export"],
            command => Assert.Matches($@"(?m)^\s+{command}\b", outcome.Output));
    }
}
