using Countersign.Composition;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Point 5 of the protocol, activity by activity: whatever comes first, no child is forgotten.</summary>
public sealed class ChildrenTests : IAsyncLifetime
{
    private readonly ActivityStage stage = new();
    private CoreServices core = null!;
    private RunActivities activities = null!;
    private Definition parent = null!;
    private RunIdentity run = null!;

    public async Task InitializeAsync()
    {
        core = stage.Core();
        activities = stage.Activities(core);
        await stage.DefineAsync(core, """
            language: "1.0"
            name: grandchild
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, event: { name: never } } ]
            """);
        await stage.DefineAsync(core, """
            language: "1.0"
            name: child
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: grandchild, input: {} } ]
            """);
        parent = await stage.DefineAsync(core, """
            language: "1.0"
            name: parent
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: child, input: {}, timeout: 1h, compensate: { type: call_workflow, workflow: child, input: {} } } ]
            """);
        run = await stage.StartAsync(core, parent);
        await activities.Claim.RunAsync(Delivery(run, "claim"), CancellationToken.None);
    }

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Theory]
    [InlineData(false, RunFlags.Cancel)]
    [InlineData(true, RunFlags.None)]
    public async Task StartAsync_ParentWasCanceledBeforeTheChildWasThere_ChildIsAskedToEndUnlessItUndoes(bool compensating, RunFlags expected)
    {
        await stage.Commands(core).CancelAsync(stage.Alice, run.Id, null);
        var child = await StartedAsync(run, Request(run, parent) with { Compensating = compensating });
        Assert.Equal(expected, (await core.Rows.ReadAsync(child)).Run.Flags);
    }

    [Theory]
    [InlineData(false, RunFlags.Pause)]
    [InlineData(true, RunFlags.None)]
    public async Task StartAsync_ParentWasPausedBeforeTheChildWasThere_ChildIsPausedUnlessItUndoes(bool compensating, RunFlags expected)
    {
        await stage.Commands(core).PauseAsync(stage.Alice, run.Id);
        var child = await StartedAsync(run, Request(run, parent) with { Compensating = compensating });
        Assert.Equal(expected, (await core.Rows.ReadAsync(child)).Run.Flags);
        Assert.All(
            (await stage.Ledger.ReadRunEntriesAsync("acme", child.Id, 0, 100)).Select(entry => EntryCodec.Decode(entry.Bytes.Span)).Where(entry => entry.Type == EventTypes.RunPaused),
            entry => Assert.Equal("alice", entry.Actor));
        if (!compensating)
        {
            await Assert.ThrowsAsync<ParentPausedException>(() => stage.Commands(core).ContinueAsync(stage.Alice, child.Id));
        }

        await stage.Commands(core).ContinueAsync(stage.Alice, run.Id);
        Assert.Equal(RunFlags.None, (await core.Rows.ReadAsync(child)).Run.Flags);
    }

    [Fact]
    public async Task PauseAndContinue_AtOnceAgainAndAgain_ParentAndChildrenAgreeInTheEnd()
    {
        var child = await StartedAsync(run, Request(run, parent));
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(() => n % 2 == 0
                ? stage.Commands(core).PauseAsync(stage.Alice, run.Id)
                : stage.Commands(core).ContinueAsync(stage.Alice, run.Id))));
            Assert.Equal((await core.Rows.ReadAsync(run)).Run.Flags, (await core.Rows.ReadAsync(child)).Run.Flags);
        }
    }

    [Fact]
    public async Task StartAsync_WithdrawnBefore_AnswersCanceledAndLogsWhatRides()
    {
        var pin = new RunPin(parent.Hash, run.Id, run.Id, "alice");
        await activities.Withdraw.RunAsync(
            Delivery(run, "withdraw"), new WithdrawRequest { Step = new StepRef("$withdraw", 1, 1), StepId = "", Pin = pin, Children = ["call:1:1"] }, CancellationToken.None);
        var riding = new PendingEntry(EventId.InRun(run.Id, "note", 1, 1, 1, "outcome"), EventTypes.StepCompleted, "note", "{}");

        var (child, failure) = await activities.Children.StartAsync(Delivery(run, "start"), Request(run, parent) with { Pending = [riding] }, CancellationToken.None);

        Assert.Null(child);
        Assert.Equal(CallResult.Canceled, failure!.Result);
        Assert.Contains(EventTypes.StepCompleted, await stage.TypesAsync(run));
        Assert.DoesNotContain(EventTypes.ChildStarted, await stage.TypesAsync(run));
    }

    [Fact]
    public async Task CheckAsync_CancelCutOffBetweenParentAndChild_IsPassedOn()
    {
        var child = await StartedAsync(run, Request(run, parent));

        // The first half of a cancel, as a crash leaves it.
        var row = await core.Rows.ReadAsync(run);
        await stage.Ledger.CommitAsync("acme", new LedgerCommit { Rows = [row.Replace(row.Run with { Flags = RunFlags.Cancel })] });

        Assert.Equal(CallResult.StillOpen, (await activities.Children.CheckAsync(Delivery(run, "check"), Request(run, parent), CancellationToken.None)).Result);
        Assert.Equal(RunFlags.Cancel, (await core.Rows.ReadAsync(child)).Run.Flags);
    }

    [Fact]
    public async Task ExpireAsync_ChildWithAChild_BothAreToEndAndOnlyTheFirstTimedOut()
    {
        var child = await StartedAsync(run, Request(run, parent));
        await activities.Claim.RunAsync(Delivery(child, "claim"), CancellationToken.None);
        var called = DefinitionOf(await core.Rows.ReadAsync(child));
        var grandchild = await StartedAsync(child, Request(child, await core.Workflows.LoadAsync("acme", called)));

        await stage.Commands(core).ExpireAsync(child);

        var (first, second) = ((await core.Rows.ReadAsync(child)).Run, (await core.Rows.ReadAsync(grandchild)).Run);
        Assert.Equal((RunFlags.Cancel, true), (first.Flags, first.TimedOut));
        Assert.Equal(RunFlags.Cancel, second.Flags);
        Assert.Equal(RunFlags.None, (await core.Rows.ReadAsync(run)).Run.Flags);
    }

    [Fact]
    public async Task CheckAsync_ParkedChildWhoseTimeIsUp_IsWaitedForNoLonger()
    {
        var child = await StartedAsync(run, Request(run, parent));
        await stage.Commands(core).ExpireAsync(child);
        await activities.Park.RunAsync(child, new InvalidOperationException("cannot be replayed"), CancellationToken.None);

        var answer = await activities.Children.CheckAsync(Delivery(run, "check"), Request(run, parent), CancellationToken.None);

        Assert.Equal((CallResult.Failed, "step.timeout"), (answer.Result, answer.Error!.Type));
        Assert.Equal(RunStatus.Parked, (await core.Rows.ReadAsync(child)).Run.Status);
    }

    [Fact]
    public async Task End_OfARunWithALimit_LeavesNothingThatIsDue()
    {
        var child = await StartedAsync(run, Request(run, parent));
        Assert.Contains(await DueAsync(), due => DueReason.From(due.Row) is { Kind: DueKind.Limit } reason && reason.Run == child.Id);
        await activities.Claim.RunAsync(Delivery(child, "claim"), CancellationToken.None);
        await activities.End.RunAsync(
            Delivery(child, "end"),
            new EndRequest { Step = new StepRef("$end", 1, 1), StepId = "", Pin = new RunPin(parent.Hash, run.Id, run.Id, "alice"), Status = RunStatus.Completed },
            CancellationToken.None);

        Assert.DoesNotContain(await DueAsync(), due => DueReason.From(due.Row).Run == child.Id);
    }

    private ValueTask<IReadOnlyList<DueRow>> DueAsync() => stage.Ledger.ScanDueAsync(TimeProvider.System.GetUtcNow().AddDays(365), 100);

    private async Task<RunIdentity> StartedAsync(RunIdentity from, ChildRequest request)
    {
        var (child, failure) = await activities.Children.StartAsync(Delivery(from, Guid.NewGuid().ToString("N")), request, CancellationToken.None);
        Assert.Null(failure);
        return child!;
    }

    private ChildRequest Request(RunIdentity from, Definition definition) => new()
    {
        Step = new StepRef("call", 1, 1),
        StepId = "call",
        Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"),
        Scope = new ScopeValues(),
    };

    private static string DefinitionOf(VersionedRun row) => row.Run.Definition;

    private static Delivery Delivery(RunIdentity run, string nonce) => new() { Run = run, Nonce = nonce };

    [Fact]
    public async Task CheckAsync_ChildCanceledFirstAndThenParked_IsWaitedForUntilItsTimeIsUpAndNoLonger()
    {
        var child = await StartedAsync(run, Request(run, parent));
        await stage.Commands(core).CancelAsync(stage.Alice, child.Id, "a sibling branch failed");
        await activities.Park.RunAsync(child, new InvalidOperationException("cannot be replayed"), CancellationToken.None);
        Assert.Equal(CallResult.StillOpen, (await activities.Children.CheckAsync(Delivery(run, "check"), Request(run, parent), CancellationToken.None)).Result);

        var later = stage.Activities(new CoreServices(core.Parts with { Time = new LaterTime(TimeSpan.FromHours(2)) }));
        var answer = await later.Children.CheckAsync(Delivery(run, "later"), Request(run, parent), CancellationToken.None);

        Assert.Equal((CallResult.Failed, "step.timeout"), (answer.Result, answer.Error!.Type));
    }
}
