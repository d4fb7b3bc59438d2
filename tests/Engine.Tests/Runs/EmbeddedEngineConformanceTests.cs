using Countersign.Ai;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Egress;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Engine.Tests.Runs;

public sealed class EmbeddedEngineConformanceTests : EngineConformance
{
    private readonly TempFolder folder = new();
    private DataFolder? data;
    private SqliteLedger? ledger;
    private EmbeddedEngine? engine;
    private EgressHandler? egress;
    private FileSecretStore? secrets;

    protected override async Task<EngineUnderTest> StartEngineAsync(string remoteAddress)
    {
        var data = DataFolder.Open(folder.Path, TimeProvider.System);
        var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        var artifacts = FileArtifactStore.Open(data);
        var core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = artifacts, Executors = Executors(remoteAddress) });
        var engine = new EmbeddedEngine(
            new EmbeddedEngineParts
            {
                Ledger = ledger,
                Workflows = core.Workflows,
                Executors = core.Executors,
                Activities = core.Activities,
                Sweep = core.Sweep,
            },
            new EmbeddedEngineOptions { SweepInterval = TimeSpan.FromMilliseconds(500), ContinueAsNewAfter = 12 },
            NullLogger<EmbeddedEngine>.Instance);
        await engine.StartAsync();
        (this.data, this.ledger, this.engine) = (data, ledger, engine);
        return new EngineUnderTest(core, engine)
        {
            CrashAsync = async () =>
            {
                await CloseAsync();
                return await StartEngineAsync(remoteAddress);
            },
            ForgeHistoryAsync = async run => await ledger.CommitAsync(run.Tenant, new LedgerCommit
            {
                Call = new CallRecord(run.Id, "ghost:1:1", 1, "forged", new CallAnswer { Key = "ghost:1:1", Result = CallResult.Succeeded }.ToBytes()),
            }),
        };
    }

    public override async Task DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Loop_WithSleepsThatWereEnded_StillContinuesAsNew()
    {
        Remote.On("/flaky", 503, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: ends-sleeps
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: set, values: { n: "${ 0.0 }" }, next: count }
              - { id: count, type: set, max_visits: 50, values: { n: "${ context.runtime.n + 1.0 }" }, next: fan }
              - id: fan
                type: parallel
                max_visits: 50
                branches:
                  - { name: a, start: pay, steps: [ { id: pay, type: api_call, method: POST, url: "$remote/flaky", retry: { attempts: 2, backoff: fixed, initial: 1h, max: 1h } } ] }
                  - { name: b, start: wait, steps: [ { id: wait, type: wait, for: 1s, next: bad }, { id: bad, type: fail, error: custom.bad } ] }
                catch: [ { type: "*", goto: again } ]
                next: again
              - { id: again, type: conditional, max_visits: 50, when: "context.runtime.n < 5.0", then: count, else: done }
              - { id: done, type: emit, event: custom.done, data: { n: "${ context.runtime.n }" } }
            """);
        await EndedAsync(run);
        Assert.NotNull(await Under.Core.Parts.Ledger.ReadCallAsync(Tenant, run.Id, "$state:1"));
    }

    [Fact]
    public async Task Mutex_Free_CostsTwoCommitsAndNoneWhereThereIsNone()
    {
        var plain = await CostAsync("description: plain");
        Assert.Equal(0, plain.Rows);
        Assert.Equal(2, plain.Requests);

        var locked = await CostAsync("mutex: erp");
        Assert.Equal((2, 2, 2, 7), (locked.Requests - plain.Requests, locked.Entries - plain.Entries, locked.Calls - plain.Calls, locked.Rows));
    }

    // What each step of a chain of calls costs.
    private async Task<(long Requests, long Entries, long Calls, long Rows)> CostAsync(string field)
    {
        var of = new List<SqliteLedgerStatistics>();
        foreach (var steps in (int[])[1, 5])
        {
            var chain = Enumerable.Range(0, steps).Select(i =>
                $"  - {{ id: s{i}, type: api_call, method: POST, url: \"$remote/x\", {field}{(i + 1 < steps ? $", next: s{i + 1}" : "")} }}");
            var definition = await DefineAsync($"language: \"1.0\"\nname: cost-{steps}-{field[..3]}\nversion: 1.0.0\nstart: s0\nsteps:\n{string.Join('\n', chain)}\n");
            var before = ledger!.Statistics;
            await EndedAsync(await StartAsync(definition));
            var after = ledger.Statistics;
            of.Add(new(0, after.Requests - before.Requests, 0, 0, after.Entries - before.Entries, after.Calls - before.Calls, after.Rows - before.Rows, 0));
        }

        var (one, five) = (of[0], of[1]);
        return ((five.Requests - one.Requests) / 4, (five.Entries - one.Entries) / 4, (five.Calls - one.Calls) / 4, (five.Rows - one.Rows) / 4);
    }

    private System.Collections.Immutable.ImmutableArray<IStepExecutor> Executors(string remoteAddress)
    {
        egress = new EgressHandler(new EgressOptions { Allowed = [new Uri(remoteAddress).Authority] });
        secrets = new FileSecretStore(Path.Combine(folder.Path, "secrets"), new byte[FileSecretStore.KeyLength]);
        return [new EmitExecutor(), new ApiCallExecutor(egress, secrets, TimeProvider.System), new AiGenerateExecutor(ModelCatalog.MockOnly, TimeProvider.System)];
    }

    private async Task CloseAsync()
    {
        await engine!.DisposeAsync();
        await ledger!.DisposeAsync();
        data!.Dispose();
        egress!.Dispose();
        secrets!.Dispose();
    }
}
