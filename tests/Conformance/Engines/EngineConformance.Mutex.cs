using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

/// <summary>Locks: one holder at a time, in the order in which they came, whatever becomes of the holder.</summary>
public abstract partial class EngineConformance
{
    private const string Locked = """
        language: "1.0"
        name: locked
        version: 1.0.0
        start: call
        steps:
          - { id: call, type: api_call, method: POST, url: "$remote/erp", body: { n: "${ input.n }" }, idempotent: true, timeout: 20s, mutex: erp }
        """;

    [Fact]
    public async Task Mutex_Free_IsTakenInOneCommitAndLeavesNothing()
    {
        var run = await StartAsync(Locked, """{"n":1}""");
        await EndedAsync(run);

        Assert.Equal(
            [EventTypes.LockAcquired, EventTypes.StepStarted, EventTypes.ApiResponse, EventTypes.StepCompleted, EventTypes.LockReleased],
            (await EntriesAsync(run)).Select(entry => entry.Type).Where(type => !type.StartsWith("run.", StringComparison.Ordinal)));
        Assert.Equal(0, (await RowAsync(run)).OpenWaits);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_EightRuns_ComeInTheOrderInWhichTheyCame()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(8);
        Assert.Equal(RunStatus.Waiting, (await RowAsync(runs[1])).VisibleStatus);
        var awaited = Assert.Single(await Under.Core.Locks(Under.Engine).WaitedForAsync(runs[1]));
        Assert.Equal(runs[0].Id, awaited.Holder!.Run);

        erp.Open();
        foreach (var run in runs)
        {
            await EndedAsync(run);
        }

        Assert.Equal(Enumerable.Range(0, 8), Remote.CallsTo("/erp").Select(NumberOf));
        Assert.Equal(1, erp.Most);
        Assert.Equal(0, await CountAsync(runs[0], EventTypes.LockQueued));
        Assert.Equal(1, await CountAsync(runs[7], EventTypes.LockQueued));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_ItemsOfOneForEach_AreAtWorkOneAtATime()
    {
        var erp = new Erp(Remote);
        erp.Open();
        var run = await StartAsync("""
            language: "1.0"
            name: locked-items
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: "${ input.items }"
                concurrency: 5
                start: call
                steps: [ { id: call, type: api_call, method: POST, url: "$remote/erp", body: { n: "${ item }" }, idempotent: true, mutex: "${ 'erp' }" } ]
            """, """{"items":[1,2,3,4,5]}""");
        await EndedAsync(run);

        Assert.Equal(5, Remote.CallsTo("/erp").Count);
        Assert.Equal(1, erp.Most);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_DifferentNames_DoNotWaitForEachOther()
    {
        var erp = new Erp(Remote);
        var definition = await DefineAsync(Locked.Replace("mutex: erp", "mutex: \"erp-${ input.region }\"", StringComparison.Ordinal));
        var runs = await Task.WhenAll(StartAsync(definition, """{"n":1,"region":"north"}"""), StartAsync(definition, """{"n":2,"region":"south"}"""));
        await UntilAsync(() => Task.FromResult(erp.AtWork), atWork => atWork == 2);

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[1]);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_NotFreeInTime_FailsInAWayThatCanBeCaught()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(1);
        var late = await StartAsync("""
            language: "1.0"
            name: impatient
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/erp", mutex: { name: erp, wait: 1s }, catch: [ { type: mutex.timeout, goto: later } ] }
              - { id: later, type: emit, event: custom.later, data: { why: "${ errors.call.type }" } }
            """);

        Assert.Equal("mutex.timeout", (await OutputAsync(late)).GetProperty("why").GetString());
        Assert.Equal(1, await CountAsync(late, EventTypes.LockTimedOut));
        Assert.Equal(1, await CountAsync(late, EventTypes.StepFailed));
        Assert.Single(Remote.CallsTo("/erp"));

        erp.Open();
        await EndedAsync(runs[0]);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_NameThatIsNone_FailsInAWayThatCanBeCaught()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: nameless
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/erp", mutex: "${ input.region }", catch: [ { type: mutex, goto: later } ] }
              - { id: later, type: emit, event: custom.later, data: { why: "${ errors.call.type }" } }
            """, """{"region":" "}""");

        Assert.Equal("mutex.name-invalid", (await OutputAsync(run)).GetProperty("why").GetString());
        Assert.Empty(Remote.CallsTo("/erp"));
    }

    [Fact]
    public async Task Mutex_Compensation_TakesTheLockOfTheStepThatItUndoes()
    {
        var erp = new Erp(Remote);
        var undone = await StartAsync("""
            language: "1.0"
            name: undone
            version: 1.0.0
            start: call
            steps:
              - id: call
                type: api_call
                method: POST
                url: "$remote/book"
                mutex: "${ input.lock }"
                compensate: { type: api_call, method: DELETE, url: "$remote/erp", body: { n: 99 } }
                next: wait
              - { id: wait, type: wait, event: { name: never, timeout: 1h } }
            """, """{"lock":"erp"}""");
        await WaitingAsync(undone, "wait:1:1");
        var runs = await LineUpAsync(1);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, undone.Id, null);
        await WaitingAsync(undone, "call.compensate:1:0");
        Assert.Single(Remote.CallsTo("/erp"));

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(undone, RunStatus.Canceled);
        Assert.Equal([0, 99], Remote.CallsTo("/erp").Select(NumberOf));
        Assert.Equal(1, erp.Most);
        Assert.Equal(1, await CountAsync(undone, EventTypes.StepCompensated));
        Assert.Equal(2, await CountAsync(undone, EventTypes.LockReleased));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_OfTwoTenants_IsNotTheSame()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(1);
        var other = new Principal(Tenant + "-b", "carol", [Role.Engineer]);
        var definition = (await DefineAsync(Locked))!;
        await Under.Core.Workflows.SaveAsync(other, definition, Workflows.SaveRequest.Plain());
        var started = await Under.Core.Starts(Under.Engine).StartAsync(
            other, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("""{"n":7}""") });
        await UntilAsync(() => Task.FromResult(erp.AtWork), atWork => atWork == 2);

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(new RunIdentity(other.Tenant, started.Run.Id));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_ManyAtOnce_ThereAreNeverTwo()
    {
        var erp = new Erp(Remote);
        erp.Open();
        var definition = await DefineAsync(Locked.Replace("mutex: erp", "mutex: { name: erp, wait: 1d }", StringComparison.Ordinal));
        var runs = await Task.WhenAll(Enumerable.Range(0, 32).Select(n => StartAsync(definition, $$"""{"n":{{n}}}""")));
        foreach (var run in runs)
        {
            await EndedAsync(run);
        }

        Assert.Equal(32, Remote.CallsTo("/erp").Select(NumberOf).Distinct().Count());
        Assert.Equal(32, Remote.CallsTo("/erp").Count);
        Assert.Equal(1, erp.Most);
        await NoLockIsLeftAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Mutex_WhateverIsAskedOfTheRuns_HasOneHolderAndComesToAnEnd(int seed)
    {
        var erp = new Erp(Remote);
        erp.Open();
        var definition = await DefineAsync(Locked.Replace("timeout: 20s", "timeout: 20s, retry: { attempts: 2, initial: 100ms }", StringComparison.Ordinal));
        var runs = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => StartAsync(definition, $$"""{"n":{{n}}}""")));
        var (commands, deaf) = (Under.Core.Commands(Under.Engine), Under.Core.Locks(new DeafEngine()));
        foreach (var act in System.Security.Cryptography.SHA256.HashData([(byte)seed]))
        {
            var run = runs[act % runs.Length];
            try
            {
                await ((act / runs.Length % 6) switch
                {
                    0 => commands.CancelAsync(Alice, run.Id, null),
                    1 => commands.PauseAsync(Alice, run.Id),
                    2 => commands.ContinueAsync(Alice, run.Id),
                    3 => Under.Core.Activities(Under.Engine).Park.RunAsync(run, new InstanceEndedException("Terminated"), CancellationToken.None),
                    4 => deaf.LetGoAsync(run, "call:1:0", EventTypes.LockExpired, new LedgerCommit(), CancellationToken.None).AsTask(),
                    _ => Under.Engine.PokeAsync(run, "call:1:0"),
                });
            }
            catch (RunEndedException)
            {
                // It was faster.
            }
        }

        foreach (var run in runs)
        {
            await UntilAsync(() => ContinuedAsync(commands, run), row => row.IsEnded);
        }

        await NoLockIsLeftAsync();
    }

    private async Task<RunRow> ContinuedAsync(RunCommands commands, RunIdentity run)
    {
        var row = await RowAsync(run);
        if (row is { IsEnded: false } and ({ Status: RunStatus.Parked } or { Flags: RunFlags.Pause }))
        {
            try
            {
                await commands.ContinueAsync(Alice, run.Id);
            }
            catch (RunEndedException)
            {
                // It was faster.
            }
        }

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));
        return row;
    }

    [Fact]
    public async Task Mutex_RedeliveredActivities_TakeOnceAndLetGoOfNobodyElses()
    {
        var definition = await DefineAsync(Locked);
        var deaf = new DeafEngine();
        var activities = Under.Core.Activities(deaf);
        var runs = new List<RunIdentity>();
        for (var number = 0; number < 2; number++)
        {
            var started = await Under.Core.Starts(deaf).StartAsync(Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
            runs.Add(new RunIdentity(Tenant, started.Run.Id));
            await activities.Claim.RunAsync(new Delivery { Run = runs[^1], Nonce = "mine" }, CancellationToken.None);
        }

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TakeAsync(runs[0]))), answer => Assert.Equal(CallResult.Succeeded, answer.Result));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TakeAsync(runs[1]))), answer => Assert.Equal(CallResult.StillOpen, answer.Result));
        Assert.Equal((1, 1), (await CountAsync(runs[0], EventTypes.LockAcquired), await CountAsync(runs[1], EventTypes.LockQueued)));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LetGoAsync(runs[0]))), answer => Assert.Equal(CallResult.Succeeded, answer.Result));
        Assert.Equal(1, await CountAsync(runs[0], EventTypes.LockReleased));
        Assert.True((await Waits.FindAsync(runs[1], "call:1:0"))!.IsHeld);
        Assert.Equal(CallResult.Succeeded, (await TakeAsync(runs[1])).Result);

        await LetGoAsync(runs[1]);
        await NoLockIsLeftAsync();

        async Task<CallAnswer> TakeAsync(RunIdentity run)
        {
            var delivery = new Delivery { Run = run, Nonce = Guid.NewGuid().ToString("N") };
            var request = new WaitRequest { Step = new StepRef("call", 1, 0), StepId = "call", Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"), Scope = new ScopeValues() };
            var (_, answer) = await activities.Open.RunAsync(delivery, request, CancellationToken.None);
            return answer ?? await activities.Check.RunAsync(delivery, request, CancellationToken.None);
        }

        async Task<CallAnswer> LetGoAsync(RunIdentity run) => await activities.Withdraw.RunAsync(
            new Delivery { Run = run, Nonce = Guid.NewGuid().ToString("N") },
            new WithdrawRequest { Step = new StepRef("$unlock", 1, 1), StepId = "call", Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"), Lock = "call:1:0" },
            CancellationToken.None);
    }

    // One run that holds the lock and is at the remote side, and others in line behind it, in this order.
    private async Task<List<RunIdentity>> LineUpAsync(int count)
    {
        var definition = await DefineAsync(Locked);
        var before = Remote.CallsTo("/erp").Count;
        var runs = new List<RunIdentity> { await StartAsync(definition, """{"n":0}""") };
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == before + 1);
        for (var n = 1; n < count; n++)
        {
            runs.Add(await StartAsync(definition, $$"""{"n":{{n}}}"""));
            await WaitingAsync(runs[^1], "call:1:0");
        }

        return runs;
    }

    private async Task ParkAsync(RunIdentity run)
    {
        await Under.Core.Activities(Under.Engine).Park.RunAsync(run, new InstanceEndedException("Terminated"), CancellationToken.None);
        Assert.Equal(RunStatus.Parked, (await RowAsync(run)).Status);
    }

    private static int NumberOf(RemoteCall call) => JsonElement.Parse(call.Body).GetProperty("n").GetInt32();

    // No row of a lock is left, none was ever held by two, and the log is intact.
    private async Task NoLockIsLeftAsync()
    {
        foreach (var prefix in (string[])["lock|", "line|"])
        {
            Assert.Empty(await Under.Core.Parts.Ledger.ScanRowsAsync(Tenant, prefix, null, 10));
        }

        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        for (long next = 1; ;)
        {
            var page = await Under.Core.Parts.Ledger.ReadEntriesAsync(Tenant, next, 500);
            foreach (var (entry, payload) in page.Select(stored => (EntryCodec.Decode(stored.Bytes.Span), stored.Payload)))
            {
                var name = entry.Type is EventTypes.LockAcquired or EventTypes.LockReleased or EventTypes.LockExpired ? JsonElement.Parse(payload.Span).GetProperty("lock").GetString()! : "";
                if (entry.Type == EventTypes.LockAcquired)
                {
                    Assert.True(holders.TryAdd(name, entry.Run + entry.Step), "A lock has two holders.");
                }
                else if (entry.Type is EventTypes.LockReleased or EventTypes.LockExpired)
                {
                    Assert.True(holders.Remove(name, out var holder) && holder == entry.Run + entry.Step, "A lock was let go of by somebody else.");
                }
            }

            next += page.Count;
            if (page.Count < 500)
            {
                break;
            }
        }

        Assert.Empty(holders);
        await LogIsIntactAsync();
    }

    // A remote side that counts how many are in it at once, and lets nobody out until it is opened.
    private sealed class Erp
    {
        private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int atWork;
        private int most;

        public Erp(RemoteService remote) => remote.On("/erp", async (_, _) =>
        {
            var now = Interlocked.Increment(ref atWork);
            InterlockedMax(now);
            await open.Task;
            await Task.Delay(2);
            Interlocked.Decrement(ref atWork);
            return (200, "{}");
        });

        public int AtWork => Volatile.Read(ref atWork);

        public int Most => Volatile.Read(ref most);

        public void Open() => open.TrySetResult();

        private void InterlockedMax(int value)
        {
            for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, value, seen);
            }
        }
    }
}
