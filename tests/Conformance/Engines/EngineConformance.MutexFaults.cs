using System.Text.Json;
using Countersign.Composition;
using Countersign.Conformance.Ledger;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

/// <summary>Locks, where something else happens between two commits, or to many at once.</summary>
public abstract partial class EngineConformance
{
    [Fact]
    public async Task Mutex_ContinuedBeforeItsParkingLetsGo_KeepsTheLockThatItWorksUnder()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(2);
        var commands = Under.Core.Commands(Under.Engine);
        Assert.True(await Under.Core.Locks(new DeafEngine()).LetGoAsync(runs[0], "call:1:0", EventTypes.LockExpired, new LedgerCommit(), CancellationToken.None));
        var third = await StartAsync(await DefineAsync(Locked), """{"n":60}""");
        await WaitingAsync(third, "call:1:0");
        var seam = new SeamLedger(Under.Core.Parts.Ledger, "lock|", async () =>
        {
            await commands.ContinueAsync(Alice, runs[1].Id);
            await Under.Engine.PokeAsync(runs[1], "call:1:0");
            await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == 2);
        });

        await new CoreServices(Under.Core.Parts with { Ledger = seam }).Activities(Under.Engine).Park.RunAsync(runs[1], new InstanceEndedException("Terminated"), CancellationToken.None);

        Assert.True((await Waits.FindAsync(runs[1], "call:1:0"))!.IsHeld);
        Assert.False((await Waits.FindAsync(third, "call:1:0"))!.IsHeld);
        erp.Open();
        await EndedAsync(runs[1]);
        await EndedAsync(third);
    }

    [Fact]
    public async Task Mutex_ParkedWhileItIsGivenTheLock_DoesNotGetIt()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(3);
        var seam = new SeamLedger(Under.Core.Parts.Ledger, "lock|", () => ParkAsync(runs[1]));

        Assert.True(await new CoreServices(Under.Core.Parts with { Ledger = seam }).Locks(Under.Engine)
            .LetGoAsync(runs[0], "call:1:0", EventTypes.LockExpired, new LedgerCommit(), CancellationToken.None));

        Assert.False((await Waits.FindAsync(runs[1], "call:1:0"))!.IsHeld);
        Assert.True((await Waits.FindAsync(runs[2], "call:1:0"))!.IsHeld);
        erp.Open();
        await EndedAsync(runs[2]);
    }

    [Fact]
    public async Task Park_DeliveredAgainAfterTheRunWasContinued_DoesNothing()
    {
        var erp = new Erp(Remote);
        var run = (await LineUpAsync(1))[0];
        var park = Under.Core.Activities(Under.Engine).Park;
        var decided = TimeProvider.System.GetUtcNow();
        await park.RunAsync(run, new InstanceEndedException("Terminated"), decided, CancellationToken.None);
        Assert.Equal(RunStatus.Parked, (await RowAsync(run)).Status);
        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, run.Id);

        await park.RunAsync(run, new InstanceEndedException("Terminated"), decided, CancellationToken.None);

        Assert.NotEqual(RunStatus.Parked, (await RowAsync(run)).Status);
        erp.Open();
        await EndedAsync(run);
        Assert.Equal(1, await CountAsync(run, EventTypes.RunParked));
    }

    [Fact]
    public async Task Mutex_PassesOnBeforeEveryRetry_AllAttemptsAreMade()
    {
        Remote.On("/flaky", (_, before) => Task.FromResult((before < 3 ? 503 : 200, "{}")));
        var run = await StartAsync("""
            language: "1.0"
            name: flaky
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/flaky", mutex: erp, timeout: 20s, retry: { attempts: 5, backoff: fixed, initial: 2s, max: 2s, jitter: 0 } }
            """);
        foreach (var (n, key) in new[] { (1, "call:1:0"), (2, "call:1.$mutex:2:0"), (3, "call:1.$mutex:3:0") })
        {
            await UntilAsync(async () => await Waits.FindAsync(run, key), wait => wait is { IsHeld: true } && Remote.CallsTo("/flaky").Count == n);
            Assert.True(await Under.Core.Locks(Under.Engine).LetGoAsync(run, key, EventTypes.LockExpired, new LedgerCommit(), CancellationToken.None));
        }

        await EndedAsync(run);
        Assert.Equal(4, Remote.CallsTo("/flaky").Count);
    }

    [Fact]
    public async Task Mutex_ManyPausedInLine_AreSkippedAndNotReadByEachOther()
    {
        const int Count = 30;
        var definition = await DefineAsync(Locked);
        var deaf = new DeafEngine();
        var seam = new SeamLedger(Under.Core.Parts.Ledger, "none", () => Task.CompletedTask);
        var core = new CoreServices(Under.Core.Parts with { Ledger = seam });
        var activities = core.Activities(deaf);
        var runs = new List<RunIdentity>();
        for (var n = 0; n < Count; n++)
        {
            var started = await core.Starts(deaf).StartAsync(Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
            runs.Add(new RunIdentity(Tenant, started.Run.Id));
            await activities.Claim.RunAsync(new Delivery { Run = runs[^1], Nonce = "mine" }, CancellationToken.None);
        }

        var request = new WaitRequest { Step = new StepRef("call", 1, 0), StepId = "call", Pin = new RunPin(definition.Hash, runs[0].Id, runs[0].Id, "alice"), Scope = new ScopeValues() };
        Delivery Delivery(RunIdentity run) => new() { Run = run, Nonce = Guid.NewGuid().ToString("N") };
        seam.Commits = 0;
        await Task.WhenAll(runs.Select(run => Task.Run(async () => await activities.Open.RunAsync(Delivery(run), request, CancellationToken.None))));
        Assert.True(seam.Commits <= Count + 2, $"{seam.Commits} commits for {Count} who joined");

        var holder = await FindHolderAsync(runs);
        var last = runs.FindLast(run => run != holder)!;
        foreach (var run in runs.Where(run => run != holder && run != last))
        {
            await core.Commands(deaf).PauseAsync(Alice, run.Id);
        }

        await core.Locks(deaf).LetGoAsync(holder, "call:1:0", EventTypes.LockReleased, new LedgerCommit(), CancellationToken.None);
        Assert.True((await Waits.FindAsync(last, "call:1:0"))!.IsHeld);
        await core.Locks(deaf).LetGoAsync(last, "call:1:0", EventTypes.LockReleased, new LedgerCommit(), CancellationToken.None);
        seam.Reads = 0;
        Assert.Equal(CallResult.StillOpen, (await activities.Check.RunAsync(Delivery(runs.Find(run => run != holder && run != last)!), request, CancellationToken.None)).Result);
        Assert.True(seam.Reads <= 5, $"{seam.Reads} reads of one who is paused");
    }

    private async Task<RunIdentity> FindHolderAsync(IEnumerable<RunIdentity> runs)
    {
        foreach (var run in runs)
        {
            if (await Waits.FindAsync(run, "call:1:0") is { IsHeld: true })
            {
                return run;
            }
        }

        throw new InvalidOperationException("Nobody holds the lock.");
    }

    /// <summary>Counts, and lets something happen just before the first commit that writes a row of a kind.</summary>
    private sealed class SeamLedger(ILedger inner, string prefix, Func<Task> between) : ForwardingLedger(inner)
    {
        private Func<Task>? act = between;
        private int reads;
        private int commits;

        public int Reads { get => reads; set => reads = value; }

        public int Commits { get => commits; set => commits = value; }

        public override async ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref commits);
            if (commit.Rows.Any(row => row.Key.StartsWith(prefix, StringComparison.Ordinal)) && Interlocked.Exchange(ref act, null) is { } once)
            {
                await once();
            }

            return await base.CommitAsync(tenant, commit, cancellationToken);
        }

        public override ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref reads);
            return base.ReadRowAsync(tenant, key, cancellationToken);
        }

        public override ValueTask<IReadOnlyList<Row>> ScanRowsAsync(string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref reads);
            return base.ScanRowsAsync(tenant, prefix, after, limit, cancellationToken);
        }
    }
}
