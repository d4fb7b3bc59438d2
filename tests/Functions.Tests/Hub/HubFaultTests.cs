using System.Text;
using Countersign.Conformance.Engines;
using Countersign.Functions.Hosting;
using Countersign.Functions.Runs;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Tests.Tools;
using DurableTask.Core;

namespace Countersign.Functions.Tests.Hub;

/// <summary>What the portal shows, what operators do there, and storage that refuses, on Durable Task itself.</summary>
[NeedsAzurite]
[OwnTestsOnly]
public sealed class HubFaultTests(HubProcess hub) : OnTheHub(hub), IClassFixture<HubProcess>
{
    private const string Approve = """
        language: "1.0"
        name: approve-x
        version: 1.0.0
        start: approve
        steps: [ { id: approve, type: approval, approvers: { role: approver }, expires: 1h } ]
        """;

    private const string Call = """
        language: "1.0"
        name: parent-x
        version: 1.0.0
        start: call
        steps: [ { id: call, type: call_workflow, workflow: approve-x, input: {} } ]
        """;

    private const string Note = """
        language: "1.0"
        name: note-x
        version: 1.0.0
        start: note
        steps: [ { id: note, type: emit, event: custom.note } ]
        """;

    [Fact]
    public async Task Child_InstanceIsPurgedAndTheRunContinued_ParentEnds()
    {
        await DefineAsync(Approve);
        var parent = await StartAsync(Call);
        var child = new RunIdentity(Tenant, Children.ChildId(parent, "call:1:1"));
        await WaitingAsync(child, "approve:1:1");

        await Hub.Client.PurgeInstanceAsync(Names.Instance(child));
        Assert.Contains(child, await ReconcileAsync());
        Assert.Equal(RunStatus.Parked, (await RowAsync(child)).Status);
        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, child.Id);
        await DecideAsync((await Waits.FindAsync(child, "approve:1:1"))!, Bob);

        await EndedAsync(child);
        await EndedAsync(parent);
    }

    [Fact]
    public async Task Reconcile_InstancesTerminatedAndPurged_ParksTheirRunsAndNoOther()
    {
        var definition = await DefineAsync(Approve);
        var runs = new[] { await StartAsync(definition), await StartAsync(definition), await StartAsync(definition) };
        foreach (var run in runs)
        {
            await WaitingAsync(run, "approve:1:1");
        }

        await Hub.Client.TerminateInstanceAsync(Names.Instance(runs[0]));
        await UntilAsync(() => StateAsync(runs[0]), state => state?.OrchestrationStatus is OrchestrationStatus.Terminated);
        await Hub.Client.PurgeInstanceAsync(Names.Instance(runs[1]));
        var parked = await ReconcileAsync();

        Assert.Contains(runs[0], parked);
        Assert.Contains(runs[1], parked);
        Assert.DoesNotContain(runs[2], parked);
        Assert.Equal(RunStatus.Running, (await RowAsync(runs[2])).Status);
    }

    [Fact]
    public async Task Instance_OfARunThatEnded_SaysHow()
    {
        var completed = await StartAsync(Note);
        var failed = await StartAsync("""
            language: "1.0"
            name: fail-x
            version: 1.0.0
            start: stop
            steps: [ { id: stop, type: fail, error: custom.stopped, title: Stopped } ]
            """);
        await EndedAsync(completed);
        await EndedAsync(failed, RunStatus.Failed);

        var well = await EndOfInstanceAsync(completed);
        Assert.Equal(OrchestrationStatus.Completed, well.OrchestrationStatus);
        Assert.Contains("completed", well.Output, StringComparison.Ordinal);
        var badly = await EndOfInstanceAsync(failed);
        Assert.Equal(OrchestrationStatus.Failed, badly.OrchestrationStatus);
        Assert.Contains("failed: custom.stopped", $"{badly.Output} {badly.FailureDetails?.ErrorMessage}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_RefusesForGood_RunIsParkedWithTheReasonAndContinues()
    {
        var run = await StartAsync(Approve);
        var wait = await WaitingAsync(run, "approve:1:1");
        var refused = 0;
        Hub.LedgerTables.Decide = (_, transaction) => transaction > 0 && Interlocked.Exchange(ref refused, 1) == 0 ? Fault.Forbidden : Fault.None;
        await DecideAsync(wait, Bob);

        var parked = await UntilAsync(() => RowAsync(run), row => row.IsEnded || row.Status is RunStatus.Parked);
        Assert.Equal(LedgerRefusedException.ErrorCode, parked.Error?.Type);
        Assert.Contains("403 AuthorizationFailure", parked.Error!.Detail, StringComparison.Ordinal);
        var instance = await EndOfInstanceAsync(run);
        Assert.Equal(OrchestrationStatus.Failed, instance.OrchestrationStatus);

        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, run.Id);
        await EndedAsync(run);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Activity_MeetsAnUnforeseenError_RunIsParkedWithItsType()
    {
        var run = await StartAsync(Approve);
        await WaitingAsync(run, "approve:1:1");
        await Stores.Ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Put(RowKeys.Wait(run.Id, "approve:1:1"), Encoding.UTF8.GetBytes("{"))] });
        await Under.Engine.PokeAsync(run, "approve:1:1");

        var parked = await UntilAsync(() => RowAsync(run), row => row.IsEnded || row.Status is RunStatus.Parked);
        Assert.Contains("JsonException in the engine", parked.Error!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_OfAnEndedInstance_IsPurgedAfterItsTimeAndTheRunIsStillThere()
    {
        var ended = await StartAsync(Note);
        var waiting = await StartAsync(Approve);
        await EndedAsync(ended);
        await WaitingAsync(waiting, "approve:1:1");
        await EndOfInstanceAsync(ended);

        Assert.Equal(0, await new HistoryPurge(Hub.Client, TimeProvider.System, TimeSpan.FromHours(1)).RunAsync(default));
        Assert.NotNull(await StateAsync(ended));
        Assert.True(await new HistoryPurge(Hub.Client, TimeProvider.System, TimeSpan.FromSeconds(-5)).RunAsync(default) > 0);

        Assert.Null(await StateAsync(ended));
        Assert.NotNull(await StateAsync(waiting));
        Assert.Equal(RunStatus.Completed, (await RowAsync(ended)).Status);
    }

    [Fact]
    public async Task Worker_StartsWhileTheLedgerIsAway_RunsWhenItIsBack()
    {
        await DefineAsync(Note);
        await Hub.KillAsync();
        Hub.LedgerTables.Decide = (_, _) => Fault.Gone;
        await Hub.StartAsync();
        var run = await StartAsync(Note);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(RunStatus.Queued, (await RowAsync(run)).Status);

        Hub.LedgerTables.Decide = (_, _) => Fault.None;
        await EndedAsync(run);
    }

    private Task<IReadOnlyList<RunIdentity>> ReconcileAsync() =>
        new Reconciliation(Under.Core, Stores.Ledger, Hub.Client, Engine).RunAsync(default);

    private Task<OrchestrationState?> StateAsync(RunIdentity run) => Hub.Client.StateAsync(Names.Instance(run));

    private async Task<OrchestrationState> EndOfInstanceAsync(RunIdentity run) => (await UntilAsync(
        () => StateAsync(run),
        state => state?.OrchestrationStatus is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated))!;
}
