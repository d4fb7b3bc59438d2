using Countersign.Features.Tests.Gherkin;
using Countersign.Features.Tests.Histories;
using Countersign.Features.Tests.Vocabulary;

namespace Countersign.Features.Tests;

public sealed class FeatureTests(HostUnderTest host) : IClassFixture<HostUnderTest>
{
    [Theory]
    [MemberData(nameof(FeatureFolder.Names), MemberType = typeof(FeatureFolder))]
    public async Task Scenario_OverHttp_Holds(string file, string scenario)
    {
        await using var world = new World(host.Address, host.AdminKey);
        await world.OpenAsync();
        await Words.All.RunAsync(world, FeatureFolder.Find(file, scenario));
        if (host.Ledger is { } ledger && world.Run.Length > 0)
        {
            await RecordedHistory.CheckAsync(ledger, file, scenario, world.Run);
        }
    }

    [Fact]
    public void EveryHistory_IsOfAScenario()
    {
        var known = FeatureFolder.Scenarios.Select(scenario => RecordedHistory.PathOf(scenario.File, scenario.Name)).ToHashSet(StringComparer.Ordinal);
        Assert.True(RecordedHistory.Files().Count() > 30, "There are too few recorded histories.");
        Assert.DoesNotContain(RecordedHistory.Files(), path => !known.Contains(path));
    }

    [Fact]
    public void EveryLine_OfEveryScenario_MeansOneThing()
    {
        Assert.NotEmpty(FeatureFolder.Scenarios);
        foreach (var line in FeatureFolder.Scenarios.SelectMany(scenario => scenario.Lines))
        {
            Words.All.Find(line);
        }
    }

    [Fact]
    public void EveryScenario_HasANameOfItsOwn() =>
        Assert.Equal(FeatureFolder.Scenarios.Length, FeatureFolder.Scenarios.Select(scenario => (scenario.File, scenario.Name)).Distinct().Count());

    [Fact]
    public void Find_UnknownWords_NamesTheLine()
    {
        var scenario = FeatureFolder.Read("x.feature", "Feature: f\n  Scenario: s\n    Given the moon is full\n").Single();

        var refused = Assert.Throws<LineException>(() => Words.All.Find(scenario.Lines[0]));

        Assert.StartsWith("x.feature:3: the moon is full", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_WordsWithTwoMeanings_NamesTheLineAndBoth()
    {
        var twice = new Bindings([Binding.To("the run (.+)", (_, _, _) => Task.CompletedTask), Binding.To("the (.+) ends", (_, _, _) => Task.CompletedTask)]);
        var scenario = FeatureFolder.Read("x.feature", "Feature: f\n  Scenario: s\n    Then the run ends\n").Single();

        var refused = Assert.Throws<LineException>(() => twice.Find(scenario.Lines[0]));

        Assert.StartsWith("x.feature:3: the run ends\n  Several", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_LineThatIsNotSo_NamesTheLine()
    {
        await using var world = new World(host.Address, host.AdminKey);
        await world.OpenAsync();
        var scenario = FeatureFolder.Read("x.feature", "Feature: f\n  Scenario: s\n    Then the answer is 418\n").Single();

        var refused = await Assert.ThrowsAsync<LineException>(() => Words.All.RunAsync(world, scenario));

        Assert.StartsWith("x.feature:3: ", refused.Message, StringComparison.Ordinal);
    }
}
