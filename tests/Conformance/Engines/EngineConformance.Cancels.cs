using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    [Fact]
    public async Task Cancel_WhileWaiting_ClosesTheWait()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, "no longer needed");

        await EndedAsync(run, RunStatus.Canceled);
        await Refused(() => DecideAsync(wait, Bob));
        Assert.Empty(Remote.Calls);
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCanceled));
    }

    [Fact]
    public async Task Cancel_PokeIsLost_SweepMakesUpForIt()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        await WaitingAsync(run, "approve:1:1");
        await Under.Core.Commands(new DeafEngine()).CancelAsync(Alice, run.Id, null);

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));

        await EndedAsync(run, RunStatus.Canceled);
    }

    [Fact]
    public async Task Cancel_WhileAnExecutionIsInFlight_LetsItEndAndCompensates()
    {
        var release = Remote.Hold("/charge", """{"id":"c-1"}""");
        var run = await StartAsync("""
            language: "1.0"
            name: saga
            version: 1.0.0
            start: reserve
            steps:
              - id: reserve
                type: api_call
                method: POST
                url: $remote/reserve
                compensate: { type: api_call, method: DELETE, url: "$remote/reserve/${ steps.reserve.output.number }" }
                next: charge
              - id: charge
                type: api_call
                method: POST
                url: $remote/charge
                compensate: { type: api_call, method: DELETE, url: "$remote/charge/${ steps.charge.output.id }" }
                next: ship
              - { id: ship, type: api_call, method: POST, url: "$remote/ship" }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/charge").Count), count => count == 1);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        release.SetResult();

        await EndedAsync(run, RunStatus.Canceled);
        Assert.Empty(Remote.CallsTo("/ship"));
        Assert.Equal(["/charge/c-1", "/reserve/1"], Remote.Calls.Where(call => call.Method == "DELETE").Select(call => call.Path));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepCompensated));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Fail_AfterCompletedSteps_CompensatesInReverse()
    {
        Remote.On("/ship", 409, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: saga-fails
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "$remote/a", compensate: { type: api_call, method: DELETE, url: "$remote/undo-a" }, next: b }
              - { id: b, type: api_call, method: POST, url: "$remote/b", compensate: { type: api_call, method: DELETE, url: "$remote/undo-b" }, next: ship }
              - { id: ship, type: api_call, method: POST, url: "$remote/ship" }
            """);
        var ended = await EndedAsync(run, RunStatus.Failed);
        Assert.Equal(409, ended.Error!.Status);
        Assert.Equal(["/a", "/b", "/ship", "/undo-b", "/undo-a"], Remote.Calls.Select(call => call.Path));
    }

    [Fact]
    public async Task Pause_BetweenSteps_HoldsUntilContinued()
    {
        var release = Remote.Hold("/first");
        var run = await StartAsync("""
            language: "1.0"
            name: pauses
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: api_call, method: POST, url: "$remote/first", next: second }
              - { id: second, type: api_call, method: POST, url: "$remote/second" }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/first").Count), count => count == 1);
        var commands = Under.Core.Commands(Under.Engine);
        await commands.PauseAsync(Alice, run.Id);
        release.SetResult();
        await UntilAsync(() => CountAsync(run, EventTypes.StepCompleted), count => count == 1);
        await Under.Engine.PokeAsync(run, null);
        Assert.Empty(Remote.CallsTo("/second"));

        await commands.ContinueAsync(Alice, run.Id);

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/second"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunPaused));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunContinued));
    }

    [Fact]
    public async Task Pause_OfARunThatCalls_HoldsItsChildrenAndTheirsUntilContinued()
    {
        var release = Remote.Hold("/first");
        await DefineAsync("""
            language: "1.0"
            name: paused-grandchild
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: api_call, method: POST, url: "$remote/first", next: second }
              - { id: second, type: api_call, method: POST, url: "$remote/second" }
            """);
        await DefineAsync("""
            language: "1.0"
            name: paused-child
            version: 1.0.0
            start: call
            steps: [{ id: call, type: call_workflow, workflow: paused-grandchild, input: {} }]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: paused-parent
            version: 1.0.0
            start: call
            steps: [{ id: call, type: call_workflow, workflow: paused-child, input: {} }]
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/first").Count), count => count == 1);
        var grandchild = new RunIdentity(Tenant, Children.ChildId(new RunIdentity(Tenant, Children.ChildId(run, "call:1:1")), "call:1:1"));
        var commands = Under.Core.Commands(Under.Engine);
        await commands.PauseAsync(Alice, run.Id);
        release.SetResult();
        await UntilAsync(() => CountAsync(grandchild, EventTypes.StepCompleted), count => count == 1);
        await Under.Engine.PokeAsync(grandchild, null);
        Assert.Empty(Remote.CallsTo("/second"));
        Assert.True((await RowAsync(grandchild)).Flags.HasFlag(RunFlags.Pause));

        await commands.ContinueAsync(Alice, run.Id);

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/second"));
        Assert.Equal((1, 1), (await CountAsync(grandchild, EventTypes.RunPaused), await CountAsync(grandchild, EventTypes.RunContinued)));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Cancel_Twice_DoesNotUndoTheUndoing()
    {
        var release = Remote.Hold("/refund");
        await DefineAsync("""
            language: "1.0"
            name: refund
            version: 1.0.0
            start: refund
            steps: [ { id: refund, type: api_call, method: POST, url: "$remote/refund", next: after }, { id: after, type: api_call, method: POST, url: "$remote/after" } ]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: undone-by-child
            version: 1.0.0
            start: pay
            steps:
              - { id: pay, type: api_call, method: POST, url: "$remote/pay", compensate: { type: call_workflow, workflow: refund, input: {} }, next: wait }
              - { id: wait, type: wait, event: { name: never, timeout: 1h } }
            """);
        await WaitingAsync(run, "wait:1:1");
        var commands = Under.Core.Commands(Under.Engine);
        await commands.CancelAsync(Alice, run.Id, null);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/refund").Count), count => count == 1);
        await commands.CancelAsync(Alice, run.Id, null);
        release.SetResult();

        await EndedAsync(run, RunStatus.Canceled);
        Assert.Single(Remote.CallsTo("/after"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCancelRequested));
    }

    [Fact]
    public async Task Cancel_CompensationIsRetried_WaitsBetweenItsAttempts()
    {
        var at = new List<long>();
        Remote.On("/undo", (_, before) =>
        {
            at.Add(TimeProvider.System.GetTimestamp());
            return Task.FromResult(before < 2 ? (503, "{}") : (200, "{}"));
        });
        var run = await StartAsync("""
            language: "1.0"
            name: undone-patiently
            version: 1.0.0
            start: pay
            steps:
              - id: pay
                type: api_call
                method: POST
                url: $remote/pay
                compensate: { type: api_call, method: POST, url: "$remote/undo", retry: { attempts: 3, backoff: fixed, initial: 2s, max: 2s, jitter: 0 } }
                next: wait
              - { id: wait, type: wait, event: { name: never, timeout: 1h } }
            """);
        await WaitingAsync(run, "wait:1:1");
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        await EndedAsync(run, RunStatus.Canceled);

        // A lower bound: however slow the machine is, the pauses are not shorter than the precision of the clock of any engine allows.
        Assert.Equal(3, at.Count);
        Assert.All(at.Zip(at.Skip(1)), pair => Assert.True(TimeProvider.System.GetElapsedTime(pair.First, pair.Second) >= TimeSpan.FromMilliseconds(900)));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepCompensated));
    }

    [Fact]
    public async Task Cancel_WhileTheRunIsWoken_IsNotLost()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: sleeper
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, event: { name: never, timeout: 1h } } ]
            """);
        for (var round = 0; round < 10; round++)
        {
            var run = await StartAsync(definition);
            await WaitingAsync(run, "wait:1:1");
            var poke = Task.Run(() => Under.Engine.PokeAsync(run, "wait:1:1"));
            var cancel = Task.Run(() => Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null));
            await Task.WhenAll(poke, cancel);

            await EndedAsync(run, RunStatus.Canceled);
        }
    }

    [Fact]
    public async Task Cancel_WhileAnExecutionIsInFlightThatFails_IsNotSleptThrough()
    {
        var release = Remote.Hold("/slow", status: 503);
        var run = await StartAsync("""
            language: "1.0"
            name: cancel-in-flight
            version: 1.0.0
            start: call
            steps: [ { id: call, type: api_call, method: POST, url: "$remote/slow", retry: { attempts: 3, backoff: fixed, initial: 1h, max: 1h } } ]
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/slow").Count), count => count == 1);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        release.SetResult();

        // The next attempt would come in an hour.
        await EndedAsync(run, RunStatus.Canceled);
        Assert.Equal(0, await CountAsync(run, EventTypes.StepRetried));
    }

    [Fact]
    public async Task Pause_OfAWaitingRunThatIsContinued_DoesNotCountItAsAtWork()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        await WaitingAsync(run, "approve:1:1");
        var commands = Under.Core.Commands(Under.Engine);
        await commands.PauseAsync(Alice, run.Id);
        await commands.ContinueAsync(Alice, run.Id);

        Assert.Empty(await Under.Core.Parts.Ledger.ScanRowsAsync(Tenant, RowKeys.OpenPrefix, null, 10));
        await DecideAsync((await Waits.FindAsync(run, "approve:1:1"))!, Bob);
        await EndedAsync(run);
    }
}
