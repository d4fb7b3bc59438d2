using System.Globalization;
using Countersign.Crash;
using Countersign.Host;
using Countersign.Host.Samples;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Tests.Tools;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Countersign.Functions.Tests.Runs;

/// <summary>
/// Every run of every sample on the real host: the same end, output, calls and kinds of entries by path as on the embedded engine, also where the host is
/// killed amid them. <c>COUNTERSIGN_CRASH_POINTS=N</c> asks for N points in runs at which the host is killed, in the long form.
/// </summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class SampleTests(FunctionsHost host, ITestOutputHelper output) : OnTheHost(host)
{
    // What a killed host had in hands is out of sight of the next one for a minute: a kill within that time would meet a host that has nothing to do.
    private static readonly TimeSpan OutOfSight = TimeSpan.FromMinutes(1);

    private static readonly (string Name, int Number)[] Runs =
        [.. Sample.Names().SelectMany(name => Enumerable.Range(0, Sample.Read(name).Runs.Length).Select(number => (name, number)))];

    [Fact]
    public async Task Samples_OnTheHost_EndAsOnTheEmbeddedEngine() => Assert.Equal(await OnOneMachineAsync(), await HereAsync("once"));

    [LongFact]
    public async Task Samples_HostKilledAmidThem_EndAsOnTheEmbeddedEngine()
    {
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_CRASH_POINTS"), CultureInfo.InvariantCulture, out var asked) ? asked : 50;
        var expected = await OnOneMachineAsync();
        for (var (points, kills, round) = (0, 0, 0); points < wanted; round++)
        {
            // Two of each at once: a kill is a point in each run that is at work.
            Task<string>[] all = [.. Here($"round-{round}-a"), .. Here($"round-{round}-b")];
            foreach (var minutes in (int[])[0, 1])
            {
                // Later and later in the life of the runs.
                await Task.WhenAny(Task.WhenAll(all), Task.Delay((OutOfSight * minutes) + TimeSpan.FromMilliseconds(500 + (900 * (round % 8)))));
                if (all.Count(run => !run.IsCompleted) is > 0 and var atWork)
                {
                    (points, kills) = (points + atWork, kills + 1);
                    await Host.RestartAsync();
                }
            }

            foreach (var (before, outcome) in expected.Concat(expected).Zip(await Task.WhenAll(all)))
            {
                Assert.Equal(before, outcome);
            }

            output.WriteLine($"Round {round}: {all.Length} runs ended as expected; {kills} kills at {points} points of runs by now.");
        }

        await LogIsIntactAsync();
    }

    private async Task<string[]> HereAsync(string round) => await Task.WhenAll(Here(round));

    private IEnumerable<Task<string>> Here(string round) => Runs.Select(async run =>
    {
        await using var services = await SampleServices.StartAsync();
        return await OutcomeAsync(Core, Engine, Tenant, run.Name, run.Number, services, TimeSpan.FromMilliseconds(500), round);
    });

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

                // Whether a run waits in line for a lock is a matter of who else is at work.
                var kinds = string.Join('\n', entries.Where(entry => entry.Type is not (EventTypes.LockQueued or EventTypes.StepOutcomeUnknown)).Select(entry => $"{entry.Type} {entry.Step}").Distinct().Order(StringComparer.Ordinal));
                return $"{name}[{number}] {row.Status}: {output}\n{SampleDrive.Effects(services)}\n{kinds}";
            }
            catch (HttpRequestException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(500, patience.Token);
            }
        }
    }
}
