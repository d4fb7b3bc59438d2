using System.Collections.Immutable;
using Countersign.Composition;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Point 3 of the protocol, activity by activity: what rides on them, what they leave, and in whatever order they come.</summary>
public sealed class WaitActivityTests : IAsyncLifetime
{
    private readonly ActivityStage stage = new();
    private CoreServices core = null!;
    private RunActivities activities = null!;
    private Definition definition = null!;
    private RunIdentity run = null!;

    public async Task InitializeAsync()
    {
        core = stage.Core();
        activities = stage.Activities(core);
        definition = await stage.DefineAsync(core, """
            language: "1.0"
            name: asks
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: b, start: ask, steps: [ { id: ask, type: approval, approvers: { role: approver }, expires: 1h } ] }
            """);
        run = await stage.StartAsync(core, definition);
        await activities.Claim.RunAsync(Delivery("claim"), CancellationToken.None);
    }

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_WhatRidesOnIt_IsLoggedAlsoWhereItWasWithdrawnBefore(bool withdrawn)
    {
        if (withdrawn)
        {
            await WithdrawAsync();
        }

        var wait = Wait() with { Pending = [new PendingEntry(EventId.InRun(run.Id, "note", 1, 1, 1, "outcome"), EventTypes.StepCompleted, "note", "{}")] };
        var (_, failure) = await activities.Open.RunAsync(Delivery("open"), wait, CancellationToken.None);

        Assert.Null(failure);
        Assert.Contains(EventTypes.StepCompleted, await stage.TypesAsync(run));
        Assert.Equal(!withdrawn, (await stage.TypesAsync(run)).Contains(EventTypes.ApprovalRequested));
        Assert.Equal(withdrawn ? 0 : 1, (await core.Rows.ReadAsync(run)).Run.OpenWaits);
    }

    [Fact]
    public async Task Withdraw_BeforeTheWaitIsOpen_NobodyIsAsked()
    {
        await WithdrawAsync();
        await activities.Open.RunAsync(Delivery("open"), Wait(), CancellationToken.None);

        Assert.Equal(CallResult.Canceled, (await activities.Check.RunAsync(Delivery("check"), Wait(), CancellationToken.None)).Result);
        Assert.Empty(await stage.Ledger.ScanRowsAsync("acme", RowKeys.InboxPrefix, null, 10));
        Assert.Equal(0, (await core.Rows.ReadAsync(run)).Run.OpenWaits);
    }

    [Fact]
    public async Task Check_OnceDecided_LeavesNothingThatIsDue()
    {
        await activities.Open.RunAsync(Delivery("open"), Wait(), CancellationToken.None);
        var bob = new Access.Principal("acme", "bob", [Access.Role.Approver]);
        var waits = core.Waits(new Nobody());
        var wait = (await waits.FindAsync(run, "fan:1.b.ask:1:1"))!;
        await new Approvals(waits).DecideAsync(bob, wait.Id, new Decision(true, wait.Shown!.Hash, null));
        Assert.Equal(CallResult.Succeeded, (await activities.Check.RunAsync(Delivery("check"), Wait(), CancellationToken.None)).Result);

        Assert.Empty(await stage.Ledger.ScanDueAsync(TimeProvider.System.GetUtcNow().AddDays(1), 10));
    }

    private Task<CallAnswer> WithdrawAsync() => activities.Withdraw.RunAsync(
        Delivery("withdraw"),
        new WithdrawRequest { Step = new StepRef("$withdraw", 1, 1), StepId = "", Pin = Pin, Waits = ["fan:1.b.ask:1:1"] },
        CancellationToken.None).AsTask();

    private WaitRequest Wait() => new() { Step = new StepRef("fan:1.b.ask", 1, 1), StepId = "ask", Pin = Pin, Scope = new ScopeValues { Input = RunValues.Inline(System.Text.Json.JsonElement.Parse("{}")) } };

    private RunPin Pin => new(definition.Hash, run.Id, run.Id, "alice");

    private Delivery Delivery(string nonce) => new() { Run = run, Nonce = nonce };

    private sealed class Nobody : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Withdraw_ItsPokeIsLost_SomethingIsDueUntilTheCallIsAnswered(bool opened)
    {
        if (opened)
        {
            await activities.Open.RunAsync(Delivery("open"), Wait(), CancellationToken.None);
        }

        await WithdrawAsync();
        Assert.Contains(await stage.Ledger.ScanDueAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), 10), due => DueReason.From(due.Row) is { Kind: DueKind.Poke } reason && reason.Run == run.Id);

        await activities.Open.RunAsync(Delivery("open"), Wait(), CancellationToken.None);
        await activities.Check.RunAsync(Delivery("check"), Wait(), CancellationToken.None);
        Assert.Empty(await stage.Ledger.ScanDueAsync(TimeProvider.System.GetUtcNow().AddDays(1), 10));
    }
}
