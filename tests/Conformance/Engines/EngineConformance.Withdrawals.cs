using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    [Fact]
    public async Task Parallel_OneFailsBeforeTheOthersAreOpen_NothingStaysOpen()
    {
        await DefineAsync(Approve);
        var definition = await DefineAsync("""
            language: "1.0"
            name: fails-at-once
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: ask, start: ask, steps: [ { id: ask, type: approval, approvers: { role: approver }, expires: 2d } ] }
                  - { name: call, start: call, steps: [ { id: call, type: call_workflow, workflow: approve, input: { total: 1 } } ] }
                  - { name: bad, start: bad, steps: [ { id: bad, type: fail, error: custom.bad } ] }
            """);
        for (var round = 0; round < 5; round++)
        {
            var run = await StartAsync(definition);
            var ended = await EndedAsync(run, RunStatus.Failed);
            Assert.Equal("custom.bad", ended.Error!.Type);
            Assert.False(await Waits.FindAsync(run, "fan:1.ask.ask:1:1") is { IsOpen: true });
            var child = new RunIdentity(Tenant, Children.ChildId(run, "fan:1.call.call:1:1"));
            await UntilAsync(async () => await Under.Core.Rows.FindAsync(child), row => row is null or { Run.IsEnded: true });
        }

        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Cancel_Twice_DoesNotUndoTheUndoing()
    {
        var release = new TaskCompletionSource();
        Remote.On("/refund", async (_, _) =>
        {
            await release.Task;
            return (200, "{}");
        });
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
}
