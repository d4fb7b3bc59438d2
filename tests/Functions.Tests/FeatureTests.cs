using Countersign.Features.Tests;
using Countersign.Features.Tests.Gherkin;
using Countersign.Features.Tests.Vocabulary;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests;

/// <summary>The acceptance scenarios of <c>tests/Features</c>, every one, against the real host.</summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class FeatureTests(FunctionsHost host)
{
    [Theory]
    [MemberData(nameof(FeatureFolder.Names), MemberType = typeof(FeatureFolder))]
    public async Task Scenario_OverHttp_Holds(string file, string scenario)
    {
        await using var world = new World(host.Client.BaseAddress!, await host.AdminKeyAsync());
        await world.OpenAsync();
        await Words.All.RunAsync(world, FeatureFolder.Find(file, scenario));
    }
}
