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
    private int maxRunsPerTenant;
    private EmbeddedEngineOptions options = new()
    {
        SweepInterval = TimeSpan.FromMilliseconds(500), ContinueAsNewAfter = 12, CancelGrace = TimeSpan.FromSeconds(2),
    };

    protected override async Task<EngineUnderTest> StartEngineAsync(string remoteAddress)
    {
        var data = DataFolder.Open(folder.Path, TimeProvider.System);
        var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        var artifacts = FileArtifactStore.Open(data);
        var core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = artifacts, Executors = Executors(remoteAddress), MaxRunsPerTenant = maxRunsPerTenant });
        var engine = new EmbeddedEngine(
            new EmbeddedEngineParts
            {
                Ledger = ledger,
                Workflows = core.Workflows,
                Executors = core.Executors,
                Activities = core.Activities,
                Sweep = core.Sweep,
                Admission = core.Admission,
            },
            options,
            NullLogger<EmbeddedEngine>.Instance);
        await secrets!.SetAsync(SecretTenant, BoundSecret, "c4nary-value", [Origin.TryParse(BoundOrigin)!]);
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
    public async Task FanOut_OfHangingCallsBeyondTheSlots_TimesOutFromWhenItWasQueued()
    {
        await RestartAsync(options with { MaxExecutions = 4, MaxExecutionsPerTenant = 2 });
        var release = Remote.Hold("/hang");
        var run = await StartAsync($$"""
            language: "1.0"
            name: queued-calls
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: [ {{string.Join(", ", Enumerable.Range(1, 20))}} ]
                concurrency: 20
                on_failure: wait_all
                start: hang
                steps: [ { id: hang, type: api_call, method: POST, url: "$remote/hang", timeout: 2s } ]
            """);

        Assert.Equal("step.timeout", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
        release.SetResult();

        // Two at a time, each for two seconds, would have been twenty calls.
        Assert.InRange(Remote.CallsTo("/hang").Count, 2, 4);
        Assert.Equal(20, (await EntriesAsync(run)).Count(entry => entry is { Type: EventTypes.StepFailed, Step: not "each" }));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Cancel_OfHangingCalls_FreesTheSlotsAndWhatIsQueuedNeverBegins()
    {
        await RestartAsync(options with { MaxExecutions = 4, MaxExecutionsPerTenant = 2 });
        var release = Remote.Hold("/hang");
        var run = await StartAsync($$"""
            language: "1.0"
            name: canceled-calls
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: [ {{string.Join(", ", Enumerable.Range(1, 20))}} ]
                concurrency: 20
                start: hang
                steps: [ { id: hang, type: api_call, method: POST, url: "$remote/hang", timeout: 1h } ]
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count == 2);
        Assert.Equal(2, engine!.Slots.InUse);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        await UntilAsync(() => Task.FromResult(engine.Slots.InUse), count => count == 0);
        release.SetResult();
        Assert.Equal(2, Remote.CallsTo("/hang").Count);
        Assert.Equal(2, await CountAsync(run, EventTypes.StepOutcomeUnknown));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepStarted));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Starts_OneRunAtATime_EachEndAdmitsTheNext()
    {
        maxRunsPerTenant = 1;
        await RestartAsync(options);
        var release = Remote.Hold("/first");
        var first = await DefineAsync("""
            language: "1.0"
            name: first
            version: 1.0.0
            start: call
            steps: [ { id: call, type: api_call, method: POST, url: "$remote/first" } ]
            """);
        var brief = await DefineAsync("""
            language: "1.0"
            name: short
            version: 1.0.0
            start: say
            steps: [ { id: say, type: emit, event: custom.said, data: {} } ]
            """);
        var waiting = await DefineAsync("""
            language: "1.0"
            name: waiting
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, event: { name: go, timeout: 1h } } ]
            """);
        var runs = new List<RunIdentity> { await StartAsync(first) };
        for (var number = 0; number < 6; number++)
        {
            await Task.Delay(5);
            runs.Add(await StartAsync(number == 2 ? waiting : brief));
            Assert.Equal(Admission.TenantLimit, (await RowAsync(runs[^1])).Held);
        }

        release.SetResult();
        await WaitingAsync(runs[3], "wait:1:1");
        foreach (var run in runs.Where((_, number) => number is not (0 or 3)))
        {
            // Before the sweep would have looked.
            var row = await EndedAsync(run);
            Assert.True(row.Started < row.HeldUntil, $"started {row.Started:O}, held until {row.HeldUntil:O}");
        }
    }

    [Fact]
    public async Task Drain_CallsInFlight_EndAndAreNotMadeAgain()
    {
        var release = Remote.Hold("/slow");
        var definition = await DefineAsync("""
            language: "1.0"
            name: two-calls
            version: 1.0.0
            start: slow
            steps:
              - { id: slow, type: api_call, method: POST, url: "$remote/slow", next: after }
              - { id: after, type: api_call, method: POST, url: "$remote/after" }
            """);
        var run = await StartAsync(definition);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/slow").Count), count => count == 1);

        var drained = engine!.DrainAsync(TimeSpan.FromSeconds(30));
        var late = await StartAsync(definition);
        await UntilAsync(() => RowAsync(late), row => row.Status is RunStatus.Running);
        release.SetResult();
        Assert.Equal(0, await drained);
        Assert.Single(Remote.CallsTo("/slow"));
        Assert.Empty(Remote.CallsTo("/after"));

        Under = await Under.CrashAsync!();
        await EndedAsync(run);
        await EndedAsync(late);
        Assert.Equal((2, 2), (Remote.CallsTo("/slow").Count, Remote.CallsTo("/after").Count));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepStarted));
    }

    [Fact]
    public async Task Drain_CallThatHangs_GivesUpAfterTheGrace()
    {
        var release = Remote.Hold("/slow");
        await StartAsync("""
            language: "1.0"
            name: hanging
            version: 1.0.0
            start: slow
            steps: [ { id: slow, type: api_call, method: POST, url: "$remote/slow" } ]
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/slow").Count), count => count == 1);

        Assert.Equal(1, await engine!.DrainAsync(TimeSpan.FromMilliseconds(100)));
        release.SetResult();
    }

    [Fact]
    public async Task Starts_MemoryFullOfOneTenantsRuns_AnotherTenantsRunStartsAtOnce()
    {
        await RestartAsync(options with { MaxRuns = 4, SweepInterval = TimeSpan.FromHours(1) });
        var release = Remote.Hold("/hang");
        const string Yaml = """
            language: "1.0"
            name: hangs-alone
            version: 1.0.0
            start: hang
            steps: [ { id: hang, type: api_call, method: POST, url: "$remote/hang" } ]
            """;
        var definition = await DefineAsync(Yaml);
        for (var number = 0; number < 6; number++)
        {
            await StartAsync(definition);
        }

        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count == 3);
        Assert.Equal(3, engine!.RunsInMemory);
        var other = new Access.Principal($"{Tenant}-other", "olga", [Access.Role.Engineer]);
        var quiet = await StartAsync(other, await DefineAsync(other, Yaml));
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count == 4);
        release.SetResult();
        await EndedAsync(quiet);
    }

    private async Task RestartAsync(EmbeddedEngineOptions changed)
    {
        options = changed;
        Under = await Under.CrashAsync!();
    }

    [Fact]
    public async Task Start_TreeWithMoreOpenRunsThanAreTakenUp_IsSuspendedAndOthersRun()
    {
        var held = Remote.Hold("/slow");
        await DefineAsync("""
            language: "1.0"
            name: crowd-child
            version: 1.0.0
            start: call
            steps: [ { id: call, type: api_call, method: POST, url: $remote/slow } ]
            """);
        var definition = await DefineAsync("""
            language: "1.0"
            name: crowd
            version: 1.0.0
            start: each
            steps: [ { id: each, type: foreach, items: "${ input.items }", start: child, steps: [ { id: child, type: call_workflow, workflow: crowd-child } ] } ]
            """);
        var crowd = await StartAsync(definition, """{"items":[1,2,3,4,5]}""");
        var few = await StartAsync(definition, """{"items":[1,2]}""");
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/slow").Count), count => count == 7);

        await RestartAsync(options with { MaxOpenRunsPerTree = 3 });
        held.SetResult();

        await EndedAsync(few);
        var row = await UntilAsync(() => RowAsync(crowd), row => row.Status is RunStatus.Parked);
        Assert.Equal("run.tree-too-large", row.Error!.Type);
        await UntilAsync(async () => await ledger!.ScanRowsAsync(Tenant, RowKeys.OpenPrefix, null, 10), rows => rows.Count == 0);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, crowd.Id, null);
        await EndedAsync(crowd, RunStatus.Canceled);
        await LogIsIntactAsync();
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
        secrets = new FileSecretStore(Path.Combine(folder.Path, "secrets"), new byte[FileSecretStore.KeyLength], TimeProvider.System);
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
