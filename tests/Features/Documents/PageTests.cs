using System.CommandLine;
using System.Text.RegularExpressions;
using Countersign.Host;

namespace Countersign.Features.Tests.Documents;

public sealed class PageTests
{
    public static TheoryData<string> Pages() => [.. Page.All.Select(page => page.Path)];

    [BashTheory]
    [MemberData(nameof(Pages))]
    public async Task Commands_AsWritten_Work(string path)
    {
        using var run = new PageRun();

        var (exitCode, output) = await run.RunAsync(Page.All.Single(page => page.Path == path));

        Assert.True(exitCode == 0 && output.Contains("== end", StringComparison.Ordinal), $"{path} ended with {exitCode}:\n{output}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfEveryBlock_AreKnownToTheCommandLine(string path)
    {
        var page = Page.All.Single(candidate => candidate.Path == path);
        Assert.NotEmpty(page.Blocks);
        foreach (var (block, command) in page.Blocks.SelectMany(block => block.Commands.Select(command => (block, command))))
        {
            var said = Regex.Match(command, @"dotnet run --project src/Host -- ([^)]*)");
            if (said.Success)
            {
                var errors = CommandLine.Root().Parse(said.Groups[1].Value).Errors;
                Assert.True(errors.Count == 0, $"{path}:{block.Line}: {command}\n{string.Join('\n', errors)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfEveryPage_LeadSomewhere(string path)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Page.Root, path))!;
        Assert.All(Page.All.Single(page => page.Path == path).Links, link => Assert.True(Path.Exists(Path.Combine(folder, link)), $"{path}: nothing is at {link}"));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Files_NamedInCommands_AreThere(string path) => Assert.All(
        Page.All.Single(page => page.Path == path).Blocks.SelectMany(block => Regex.Matches(block.Text, @"samples/[\w./-]+").Select(match => match.Value)),
        file => Assert.True(File.Exists(Path.Combine(Page.Root, file)), $"{path}: there is no {file}"));

    [Fact]
    public void Readme_TableOfCommands_IsThatOfTheCommandLine() => Assert.Equal(
        CommandLine.Root().Subcommands.Select(command => command.Name).Order(StringComparer.Ordinal),
        Regex.Matches(Page.All.Single(page => page.Path == "README.md").Text, @"(?m)^\| `([a-z]+)\b[^|\\]*(?:\\\|[^|\\]*)*` \|").Select(match => match.Groups[1].Value)
            .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Samples_EachHaveAPageAndAnswersForEveryInput()
    {
        foreach (var name in Host.Samples.Sample.Names())
        {
            var sample = Host.Samples.Sample.Read(name);
            Assert.All(sample.Runs, run => Assert.Contains($"[{run.Input}]({run.Input})", Page.All.Single(page => page.Path == $"samples/{name}/README.md").Text, StringComparison.Ordinal));
        }
    }
}

/// <summary>A theory that needs bash and curl; skipped, by name, where they are missing.</summary>
public sealed class BashTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for both.</summary>
    public BashTheoryAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var missing = new[] { "bash", "curl", "tar" }.Where(tool => !folders.Any(folder => File.Exists(Path.Combine(folder, tool)))).ToList();
        if (missing.Count > 0)
        {
            Skip = $"There is no {string.Join(", no ", missing)} on this machine.";
        }
    }
}
