using System.Globalization;
using Countersign.Crash;
using Countersign.Host;
using Countersign.Host.Samples;
using Countersign.Orchestration;
using Countersign.Tests.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Functions.Tests.Runs;

/// <summary>
/// Every run of every sample on the real host: the same end, output, calls and kinds of entries by path as on the embedded engine, also where the host is
/// killed amid them. <c>COUNTERSIGN_CRASH_POINTS=N</c> asks for N kills in the long form.
/// </summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class SampleTests(FunctionsHost host) : OnTheHost(host)
{
    private static readonly (string Name, int Number)[] Runs =
        [.. Sample.Names().SelectMany(name => Enumerable.Range(0, Sample.Read(name).Runs.Length).Select(number => (name, number)))];

    [Fact]
    public async Task Samples_OnTheHost_EndAsOnTheEmbeddedEngine() => Assert.Equal(await OnOneMachineAsync(), await HereAsync("once"));

    [LongFact]
    public async Task Samples_HostKilledAmidThem_EndAsOnTheEmbeddedEngine()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_CRASH_POINTS"), CultureInfo.InvariantCulture, out var asked) ? asked : 5;
        var expected = await OnOneMachineAsync();
        for (var (killed, round) = (0, 0); killed < kills; round++)
        {
            var all = HereAsync($"round-{round}");
            for (var number = 0; killed < kills && !all.IsCompleted; number++)
            {
                // Later and later in the life of the runs, and beyond what a host needs to start.
                await Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(400 + (700 * number) + (150 * round))));
                if (!all.IsCompleted)
                {
                    await Host.RestartAsync();
                    killed++;
                }
            }

            Assert.Equal(expected, await all);
        }

        await LogIsIntactAsync();
    }

    private async Task<string[]> HereAsync(string round) => await Task.WhenAll(Runs.Select(async run =>
    {
        await using var services = await SampleServices.StartAsync();
        return await OutcomeAsync(Core, Engine, Tenant, run.Name, run.Number, services, TimeSpan.FromMilliseconds(500), round);
    }));

    private static async Task<string[]> OnOneMachineAsync()
    {
        var folder = Directory.CreateTempSubdirectory("countersign-samples-").FullName;
        try
        {
            await using var local = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder, AllowedTargets = ["127.0.0.1:*"] }, NullLoggerFactory.Instance);
            var outcomes = new List<string>();
            foreach (var (name, number) in Runs)
            {
                await using var services = await SampleServices.StartAsync();
                outcomes.Add(await OutcomeAsync(local.Core, local.Engine, "local", name, number, services, TimeSpan.FromMilliseconds(10), "once"));
            }

            return [.. outcomes];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The host, or its way to the ledger, may be away for a while: whatever the people of a sample do is tried again.
    private static async Task<string> OutcomeAsync(
        Composition.CoreServices core, IEngine engine, string tenant, string name, int number, SampleServices services, TimeSpan glance, string round)
    {
        var (sample, told) = (Sample.Read(name), Sample.Read(name).Runs[number]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while (true)
        {
            try
            {
                var run = await SampleDrive.StartAsync(core, engine, tenant, sample, told, services.Address, $"{round}-{name}-{number}");
                var row = await SampleDrive.FinishAsync(core, engine, run, told, glance, patience.Token);
                var entries = await SampleDrive.EntriesAsync(core, run);
                Assert.Equal(entries.Count, entries.Select(entry => entry.EventId).Distinct().Count());
                var output = SampleDrive.WithoutNumbers((await core.Values.LoadAsync(tenant, row.Output)).GetRawText());
                var kinds = string.Join('\n', entries.Select(entry => $"{entry.Type} {entry.Step}").Distinct().Order(StringComparer.Ordinal));
                return $"{name}[{number}] {row.Status}: {output}\n{SampleDrive.Effects(services)}\n{kinds}";
            }
            catch (HttpRequestException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(500, patience.Token);
            }
        }
    }
}
