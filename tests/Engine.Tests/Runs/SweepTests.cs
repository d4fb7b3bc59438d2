using Countersign.Composition;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

public sealed class SweepTests : IAsyncLifetime
{
    private readonly ActivityStage stage = new();
    private readonly LaterTime time = new(TimeSpan.Zero);
    private CoreServices core = null!;
    private Definition definition = null!;
    private RunIdentity run = null!;

    public async Task InitializeAsync()
    {
        core = new CoreServices(stage.Core().Parts with { Time = time, MaxRunsPerTenant = 1 });
        definition = await stage.DefineAsync(core, """
            language: "1.0"
            name: waits
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, event: { name: never } } ]
            """);
        run = await stage.StartAsync(core, definition);
        await stage.Activities(core).Claim.RunAsync(new Delivery { Run = run, Nonce = "claim" }, CancellationToken.None);
    }

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task RunAsync_WhatWasAskedLongAgo_IsPokedEverMoreSeldom()
    {
        await stage.Commands(core).PauseAsync(stage.Alice, run.Id);
        await stage.Commands(core).ContinueAsync(stage.Alice, run.Id);
        var engine = new Counting();
        var sweep = core.Sweep(engine);
        for (time.Ahead = TimeSpan.FromSeconds(10); time.Ahead < TimeSpan.FromHours(6); time.Ahead += TimeSpan.FromSeconds(10))
        {
            await sweep.RunAsync();
        }

        Assert.InRange(engine.Pokes, 5, 30);
    }

    [Fact]
    public async Task RunAsync_HeldASecondTime_SaysSoAgainAndIsNotDue()
    {
        var second = await stage.StartAsync(core, definition);
        Assert.Equal(Admission.TenantLimit, (await core.Rows.ReadAsync(second)).Run.Held);

        // There is room for a moment, but the engine is full.
        await stage.Ledger.CommitAsync("acme", new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(RowKeys.Open(run.Id))] });
        time.Ahead = TimeSpan.FromSeconds(15);
        await core.Sweep(new Counting { Busy = true }).RunAsync();
        Assert.Null((await core.Rows.ReadAsync(second)).Run.Held);
        await stage.Ledger.CommitAsync("acme", new LedgerCommit { Rows = [RowWrite.Put(RowKeys.Open(run.Id), "{}"u8.ToArray())] });
        for (var round = 0; round < 4; round++)
        {
            time.Ahead += TimeSpan.FromSeconds(30);
            await core.Sweep(new Counting()).RunAsync();
        }

        Assert.Equal(Admission.TenantLimit, (await core.Rows.ReadAsync(second)).Run.Held);
        Assert.Empty(await stage.Ledger.ScanDueAsync(time.GetUtcNow(), 100));
        Assert.Single(await stage.TypesAsync(second), EventTypes.LimitReached);
    }

    [Fact]
    public async Task RunAsync_RowWhoseTimeIsOver_IsDeletedWithItsDueRow()
    {
        var due = RowKeys.Due(time.GetUtcNow() + TimeSpan.FromDays(7), "-", "answer|1");
        await stage.Ledger.CommitAsync("acme", new LedgerCommit
        {
            Rows = [RowWrite.Put("answer|1", "{}"u8.ToArray()), RowWrite.Put(due, new DueReason(DueKind.Forget, "-", "answer|1").ToBytes())],
        });
        time.Ahead = TimeSpan.FromDays(6);
        await core.Sweep(new Counting()).RunAsync();
        Assert.NotNull(await stage.Ledger.ReadRowAsync("acme", "answer|1"));

        time.Ahead = TimeSpan.FromDays(7.1);
        await core.Sweep(new Counting()).RunAsync();
        Assert.Null(await stage.Ledger.ReadRowAsync("acme", "answer|1"));
        Assert.Null(await stage.Ledger.ReadRowAsync("acme", due));
    }

    private sealed class Counting : IEngine
    {
        public bool Busy { get; init; }

        public int Pokes { get; private set; }

        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Busy ? throw new EngineBusyException() : Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default)
        {
            Pokes++;
            return Task.CompletedTask;
        }
    }
}
