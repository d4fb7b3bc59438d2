using System.Text.Json;
using Countersign.Access;
using Countersign.Composition;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Engine.Tests.Runs;

public sealed class DiskFullTests
{
    [SmallDiskFact]
    public async Task Disk_FullInTheMiddleOfARun_RunStandsStillAndThenGoesOn()
    {
        const int Loops = 3_000;
        using var folder = new TempFolder();
        using var disk = SmallDisk.Mount(folder["disk"], mebibytes: 24);
        using (var data = DataFolder.Open(Path.Combine(disk.Path, "data"), TimeProvider.System))
        await using (var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal }))
        {
            var core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = FileArtifactStore.Open(data), Executors = [new EmitExecutor()] });
            await using var engine = new EmbeddedEngine(
                new EmbeddedEngineParts { Ledger = ledger, Workflows = core.Workflows, Executors = core.Executors, Activities = core.Activities, Sweep = core.Sweep },
                new EmbeddedEngineOptions(),
                NullLogger<EmbeddedEngine>.Instance);
            await engine.StartAsync();
            var run = await StartAsync(core, engine, Loops);

            var filler = Path.Combine(disk.Path, "filler");
            await FillAsync(filler, ledger);
            var stood = (await ledger.ReadHeadAsync("acme")).Sequence;
            await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ProbeAsync(ledger));
            Assert.False((await core.Rows.ReadAsync(run)).Run.IsEnded);
            File.Delete(filler);

            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!(await core.Rows.ReadAsync(run)).Run.IsEnded)
            {
                await Task.Delay(20, patience.Token);
            }

            Assert.Equal(RunStatus.Completed, (await core.Rows.ReadAsync(run)).Run.Status);
            Assert.True((await ledger.ReadHeadAsync("acme")).Sequence > stood);
            var report = await new LogReader(ledger).VerifyAsync("acme");
            Assert.True(report.Intact);

            // A set and a condition for each loop, and seven entries around them: none lost, none doubled.
            Assert.Equal((2 * Loops) + 7, report.Entries);
        }
    }

    private static async Task<RunIdentity> StartAsync(CoreServices core, EmbeddedEngine engine, int loops)
    {
        var alice = new Principal("acme", "alice", [Role.Engineer]);
        var definition = DefinitionReader.ReadValid(System.Text.Encoding.UTF8.GetBytes($$"""
            language: "1.0"
            name: loops
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: set, values: { n: "${ 0.0 }" }, next: count }
              - { id: count, type: set, max_visits: 10000, values: { n: "${ context.runtime.n + 1.0 }" }, next: again }
              - { id: again, type: conditional, max_visits: 10000, when: "context.runtime.n < {{loops}}.0", then: count, else: done }
              - { id: done, type: emit, event: custom.done, data: { n: "${ context.runtime.n }" } }
            """));
        await core.Workflows.SaveAsync(alice, definition, SaveRequest.Plain());
        var started = await core.Starts(engine).StartAsync(alice, new StartRequest { Workflow = "loops", Input = JsonElement.Parse("{}") });
        return new RunIdentity("acme", started.Run.Id);
    }

    // Until nothing can be committed any more.
    private static async Task FillAsync(string filler, SqliteLedger ledger)
    {
        await using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        for (var failures = 0; failures < 3;)
        {
            try
            {
                while (true)
                {
                    file.Write(block);
                }
            }
            catch (IOException)
            {
                // There is no block left.
            }

            try
            {
                await ProbeAsync(ledger);
            }
            catch (LedgerUnavailableException)
            {
                failures++;
            }
        }
    }

    private static async Task ProbeAsync(SqliteLedger ledger) => await ledger.CommitAsync(
        "probe", new LedgerCommit { Rows = [RowWrite.Put("probe|1", new byte[30_000])] });
}
