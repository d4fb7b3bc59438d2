using System.Text.RegularExpressions;
using Countersign.Infra.Tests.Bicep;
using YamlDotNet.RepresentationModel;

namespace Countersign.Infra.Tests.Workflows;

/// <summary>The workflows of GitHub: they are read where no runner is at hand, and name only what is there.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.yml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(RepositoryRoot.Path, ".github", "workflows");

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Any_HasRightsLimitsAndStepsThatDoOneThing(string file)
    {
        var workflow = Read(file);
        Assert.NotNull(Field(workflow, "on"));
        Assert.Equal("read", ((YamlScalarNode)Field((YamlMappingNode)Field(workflow, "permissions")!, "contents")!).Value);
        foreach (var job in Jobs(workflow))
        {
            Assert.NotNull(Field(job, "runs-on"));
            Assert.InRange(int.Parse(((YamlScalarNode)Field(job, "timeout-minutes")!).Value!, System.Globalization.CultureInfo.InvariantCulture), 1, 360);
            Assert.All(Steps(job), step => Assert.True(Field(step, "uses") is null != Field(step, "run") is null, $"{file}: a step does nothing, or two things"));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Any_UsesActionsOfKnownOwnersAtAVersion(string file) => Assert.All(
        Jobs(Read(file)).SelectMany(Steps).Select(step => Field(step, "uses")).OfType<YamlScalarNode>(),
        uses => Assert.Matches("^(actions/[a-z-]+|azure/login)@v[0-9]+$", uses.Value));

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Any_NamesOnlyWhatIsThere(string file)
    {
        foreach (var command in Commands(file))
        {
            Assert.All(Named().Matches(command), match => Assert.True(
                Path.Exists(Path.Combine(RepositoryRoot.Path, match.Value)), $"{file}: there is no {match.Value}"));
            Assert.DoesNotContain("${{ secrets.", command, StringComparison.Ordinal);
        }
    }

    // What a run is given from outside must not become part of a command.
    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Any_PutsNoInputIntoACommand(string file) =>
        Assert.All(Commands(file), command => Assert.DoesNotContain("${{", command, StringComparison.Ordinal));

    [Fact]
    public void Ci_RunsWhatACloneRuns()
    {
        var commands = Commands("ci.yml").ToList();
        Assert.Contains(".ci/run", commands);
        Assert.Contains("tests/vectors/fetch", commands);
        Assert.Contains(commands, command => command.Contains("azure-functions-core-tools@4", StringComparison.Ordinal));
        foreach (var script in (string[])[".ci/run", "tests/vectors/fetch"])
        {
            var mode = File.GetUnixFileMode(Path.Combine(RepositoryRoot.Path, script));
            Assert.True(OperatingSystem.IsWindows() || mode.HasFlag(UnixFileMode.UserExecute), $"{script} cannot be executed");
        }
    }

    [BicepFact]
    public async Task Deploy_TakesOutputsThatAreGiven()
    {
        var commands = string.Join('\n', Commands("deploy.yml"));
        Assert.Contains(".appUrl.value", commands, StringComparison.Ordinal);
        Assert.Contains("Name.value", commands, StringComparison.Ordinal);
        Assert.Superset(new HashSet<string> { "appUrl", "appName", "sealerName" }, (await BicepCompiler.MainAsync()).Outputs.ToHashSet());
    }

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        using var text = new StreamReader(Path.Combine(Folder, file));
        stream.Load(text);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static YamlNode? Field(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    private static IEnumerable<YamlMappingNode> Jobs(YamlMappingNode workflow) => ((YamlMappingNode)Field(workflow, "jobs")!).Children.Values.Cast<YamlMappingNode>();

    private static IEnumerable<YamlMappingNode> Steps(YamlMappingNode job) => ((YamlSequenceNode)Field(job, "steps")!).Children.Cast<YamlMappingNode>();

    private static IEnumerable<string> Commands(string file) =>
        Jobs(Read(file)).SelectMany(Steps).Select(step => Field(step, "run")).OfType<YamlScalarNode>().Select(run => run.Value!);

    [GeneratedRegex(@"(?<![\w/.])(?:src|tests|infra)/[A-Za-z0-9./]+(?:\.bicep(?:param)?)?(?=[\s""]|$)")]
    private static partial Regex Named();
}
