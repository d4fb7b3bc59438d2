using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

/// <summary>Locks, whatever becomes of who holds one or waits for it.</summary>
public abstract partial class EngineConformance
{
    [Fact]
    public async Task Mutex_HolderIsCanceled_PassesOnOnceItsCallHasEnded()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(2);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, runs[0].Id, null);
        Assert.Single(Remote.CallsTo("/erp"));

        erp.Open();
        await EndedAsync(runs[0], RunStatus.Canceled);
        await EndedAsync(runs[1]);
        Assert.Equal(1, erp.Most);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_WaiterIsCanceled_LeavesTheLine()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(3);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, runs[1].Id, null);
        await EndedAsync(runs[1], RunStatus.Canceled);

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[2]);
        Assert.Equal([0, 2], Remote.CallsTo("/erp").Select(NumberOf));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_HolderIsParked_PassesOnAtOnce()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(2);
        await ParkAsync(runs[0]);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == 2);

        erp.Open();
        await EndedAsync(runs[1]);
        Assert.Equal(1, await CountAsync(runs[0], EventTypes.LockReleased));
        await UntilAsync(() => CountAsync(runs[0], EventTypes.StepCompleted), outcomes => outcomes == 1);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_WaiterIsParkedOrPaused_IsPassedOverAndKeepsItsPlace()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(4);
        await ParkAsync(runs[1]);
        await Under.Core.Commands(Under.Engine).PauseAsync(Alice, runs[2].Id);

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[3]);
        Assert.Equal([0, 3], Remote.CallsTo("/erp").Select(NumberOf));

        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, runs[2].Id);
        await EndedAsync(runs[2]);
        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, runs[1].Id);
        await EndedAsync(runs[1]);
        Assert.Equal([0, 3, 2, 1], Remote.CallsTo("/erp").Select(NumberOf));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_HoldersProcessIsKilled_HoldsAndGoesOn()
    {
        if (Under.CrashAsync is null)
        {
            return;
        }

        var erp = new Erp(Remote);
        var runs = await LineUpAsync(3);
        engine = await Under.CrashAsync();
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == 2);
        Assert.Equal(0, NumberOf(Remote.CallsTo("/erp")[1]));

        erp.Open();
        foreach (var run in runs)
        {
            await EndedAsync(run);
        }

        Assert.Equal([0, 0, 1, 2], Remote.CallsTo("/erp").Select(NumberOf));
        Assert.Equal(1, await CountAsync(runs[0], EventTypes.LockAcquired));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_PokeOfThePassingOnIsLost_SweepMakesUpForIt()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(2);
        var deaf = Under.Core.Locks(new DeafEngine());
        Assert.True(await deaf.LetGoAsync(runs[0], "call:1:0", EventTypes.LockReleased, new LedgerCommit(), CancellationToken.None));
        Assert.False(await deaf.LetGoAsync(runs[0], "call:1:0", EventTypes.LockReleased, new LedgerCommit(), CancellationToken.None));

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == 2);

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[1]);
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_HeldForTooLong_PassesOnAndTheOutcomeIsRecordedAllTheSame()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(2);
        await SweepAsync(LockWait.Grace - TimeSpan.FromSeconds(10));
        Assert.Equal(0, await CountAsync(runs[0], EventTypes.LockExpired));

        await SweepAsync(LockWait.Grace + TimeSpan.FromSeconds(21));
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/erp").Count), calls => calls == 2);
        Assert.Equal(1, await CountAsync(runs[0], EventTypes.LockExpired));

        erp.Open();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[1]);
        Assert.Equal(1, await CountAsync(runs[0], EventTypes.StepCompleted));
        Assert.Equal(0, await CountAsync(runs[0], EventTypes.LockReleased));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_PassedOnBetweenTwoAttempts_IsTakenAgainBeforeTheNext()
    {
        var erp = new Erp(Remote);
        Remote.On("/flaky", (_, before) => Task.FromResult((before == 0 ? 503 : 200, "{}")));
        var first = await StartAsync("""
            language: "1.0"
            name: flaky
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/flaky", mutex: erp, timeout: 20s, retry: { attempts: 2, backoff: fixed, initial: 2s, max: 2s, jitter: 0 } }
            """);
        await UntilAsync(() => CountAsync(first, EventTypes.StepFailed), failed => failed == 1);
        await Under.Core.Locks(Under.Engine).LetGoAsync(first, "call:1:0", EventTypes.LockExpired, new LedgerCommit(), CancellationToken.None);
        var second = (await LineUpAsync(1))[0];
        await UntilAsync(() => CountAsync(first, EventTypes.LockQueued), queued => queued == 1);
        Assert.Single(Remote.CallsTo("/flaky"));

        erp.Open();
        await EndedAsync(second);
        await EndedAsync(first);
        Assert.Equal(2, Remote.CallsTo("/flaky").Count);
        Assert.Equal(2, await CountAsync(first, EventTypes.LockAcquired));
        await NoLockIsLeftAsync();
    }

    [Fact]
    public async Task Mutex_SiblingFails_LeavesTheLine()
    {
        var erp = new Erp(Remote);
        var runs = await LineUpAsync(1);
        var fan = await StartAsync("""
            language: "1.0"
            name: locked-fan
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: a, start: call, steps: [ { id: call, type: api_call, method: POST, url: "$remote/erp", mutex: erp } ] }
                  - { name: b, start: wait, steps: [ { id: wait, type: wait, for: 1s, next: bad }, { id: bad, type: fail, error: custom.bad } ] }
            """);
        Assert.Equal("custom.bad", (await EndedAsync(fan, RunStatus.Failed)).Error!.Type);
        Assert.Single(Remote.CallsTo("/erp"));

        erp.Open();
        await EndedAsync(runs[0]);
        await NoLockIsLeftAsync();
    }
}
