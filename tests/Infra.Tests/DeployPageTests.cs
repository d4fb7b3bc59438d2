using System.Text.RegularExpressions;
using Countersign.Infra.Tests.Bicep;

namespace Countersign.Infra.Tests;

/// <summary>docs/azure-deploy.md says nothing that the files do not.</summary>
public sealed partial class DeployPageTests
{
    private static readonly string Text = RepositoryRoot.Read("docs", "azure-deploy.md");

    private static readonly string Commands = string.Concat(Blocks().Matches(Text).Select(block => block.Groups[1].Value));

    [BicepFact]
    public async Task Outputs_ThatAreRead_AreGiven()
    {
        var read = Outputs().Matches(Commands).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal((await BicepCompiler.MainAsync()).Outputs.ToHashSet(), read);
    }

    [Fact]
    public void Variables_ThatAreUsed_AreSetBefore()
    {
        var set = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in Commands.Split('\n'))
        {
            Assert.All(Used().Matches(line), match => Assert.Contains(match.Groups[1].Value, set));
            set.UnionWith(Set().Matches(line).Select(match => match.Groups[1].Value));
        }

        Assert.Contains("VAULT", set);
    }

    [Fact]
    public void ParameterFiles_ReadWhatThePageSets()
    {
        string[] files = ["main.dev.bicepparam", "main.prod.bicepparam"];
        var read = files.SelectMany(file => Variables().Matches(RepositoryRoot.Read("infra", "bicep", file))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(["COUNTERSIGN_ALERT_EMAIL", "COUNTERSIGN_BUDGET_START", "COUNTERSIGN_LOG_NAME"], read.Order(StringComparer.Ordinal));
        Assert.All(read, name => Assert.Contains($"export {name}=", Commands, StringComparison.Ordinal));
    }

    [BicepFact]
    public async Task Alerts_OfTheTable_AreThoseOfTheFile()
    {
        var rules = (await BicepCompiler.MainAsync()).Module("alerts").Template.Root.GetProperty("variables").GetProperty("rules");
        Assert.All(rules.EnumerateArray(), rule => Assert.Contains($"| `{rule.GetProperty("name").GetString()}` |", Text, StringComparison.Ordinal));
        Assert.Equal(rules.GetArrayLength(), Alerts().Count(Text));
    }

    [Fact]
    public void Files_ThatAreNamed_AreThere() => Assert.All(
        Files().Matches(Commands.Replace("$ENVIRONMENT", "dev", StringComparison.Ordinal)), match => Assert.True(Path.Exists(Path.Combine(RepositoryRoot.Path, match.Value)), match.Value));

    [Fact]
    public void Links_OfThePage_LeadSomewhere() => Assert.All(
        Links().Matches(Text), match => Assert.True(File.Exists(Path.Combine(RepositoryRoot.Path, "docs", match.Groups[1].Value)), match.Value));

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"readEnvironmentVariable\('(\w+)'")]
    private static partial Regex Variables();

    [GeneratedRegex(@"jq -r \.(\w+)\.value")]
    private static partial Regex Outputs();

    [GeneratedRegex(@"\$([A-Z_]+)\b")]
    private static partial Regex Used();

    [GeneratedRegex(@"^(?:export )?([A-Z_]+)=")]
    private static partial Regex Set();

    [GeneratedRegex(@"(?m)^\| `[a-z-]+` \| .* \| [0-4] \|$")]
    private static partial Regex Alerts();

    [GeneratedRegex(@"(?<![\w/.-])(?:src|infra|samples)/[\w./-]+")]
    private static partial Regex Files();

    [GeneratedRegex(@"\]\(([a-z-]+\.md)\)")]
    private static partial Regex Links();
}
