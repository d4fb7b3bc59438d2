namespace Countersign.Host.Tests;

public sealed class BenchCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Bench_WithoutFile_MeasuresAChainAndLeavesNothing()
    {
        var outcome = await Countersign.RunAsync("bench", "--runs", "20", "--at-once", "4", "--in", folder.Path);
        Assert.Equal(0, outcome.Code);
        Assert.StartsWith("chain 1.0.0, 10 steps a run, 4 at once", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("20 in ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("23.0 log entries a run", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Bench_DefinitionThatCalls_CountsItsSteps()
    {
        var file = folder.Write("each.yaml", """
            language: "1.0"
            name: each
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: "${ input.items }"
                start: one
                steps: [{ id: one, type: set, values: { n: "${ item }" } }]
            """);
        var outcome = await Countersign.RunAsync("bench", file, "--runs", "3", "--input", """{"items":[1,2,3]}""", "--in", folder.Path);
        Assert.Equal(0, outcome.Code);
        Assert.StartsWith("each 1.0.0, 4 steps a run", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ id: it, type: approval, approvers: { role: approver }, expires: 1h }", "has to end by itself")]
    [InlineData("{ id: it, type: fail, error: custom.stop, title: Stop }", "custom.stop")]
    public async Task Bench_RunThatDoesNotComplete_CannotRun(string step, string told)
    {
        var file = folder.Write("other.yaml", $"language: \"1.0\"\nname: other\nversion: 1.0.0\nstart: it\nsteps: [{step}]\n");
        var outcome = await Countersign.RunAsync("bench", file, "--runs", "2", "--in", folder.Path);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("--runs", "0", "--runs: '0' is not a whole number from 1 to 1000000")]
    [InlineData("--at-once", "x", "--at-once: 'x' is not a whole number from 1 to 10000")]
    [InlineData("--input", "{", "--input: '{' is not JSON")]
    [InlineData("--in", "nowhere/at/all", "--in: 'nowhere/at/all' does not exist")]
    public async Task Bench_WrongArgument_CannotRun(string option, string value, string told)
    {
        var outcome = await Countersign.RunAsync("bench", option, value);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
    }
}
