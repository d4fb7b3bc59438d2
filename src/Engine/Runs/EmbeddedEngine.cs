using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Workflows;
using Microsoft.Extensions.Logging;

namespace Countersign.Engine.Runs;

/// <summary>
/// The embedded durable engine: runs live in memory while they work and cost only rows while they wait; everything they are answered
/// is in the journal first.
/// </summary>
public sealed class EmbeddedEngine : IEngine, IAsyncDisposable
{
    private readonly ConcurrentDictionary<RunIdentity, ActiveRun> active = new();
    private readonly ConcurrentDictionary<string, int> inMemory = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly string nonce = Guid.NewGuid().ToString("N")[..12];
    private readonly ILogger log;
    private readonly RunEvents events;
    private readonly DueLoop due;
    private readonly Admission? admission;
    private readonly NextInLine? line;
    private long deliveries;
    private Task recovering = Task.CompletedTask;

    /// <summary>Makes an engine over a ledger; <see cref="StartAsync(CancellationToken)"/> sets it going.</summary>
    public EmbeddedEngine(EmbeddedEngineParts parts, EmbeddedEngineOptions options, ILogger<EmbeddedEngine> log)
    {
        (Options, this.log, Ledger, Time) = (options, log, parts.Ledger, parts.Time);
        (Workflows, Executors, Runs) = (parts.Workflows, parts.Executors, new RunRows(parts.Ledger));
        Turns = new FairSlots(options.MaxTurns, options.MaxTurns * 3 / 4);
        Slots = new FairSlots(options.MaxExecutions, options.TenantShare);
        Activities = parts.Activities(this);
        admission = parts.Admission;
        line = admission is { IsLimited: true } ? new NextInLine(this, admission) : null;
        var sweep = parts.Sweep(this);
        due = new DueLoop(new DueLoopParts
        {
            Sweep = sweep.RunAsync,
            First = token => Ledger.ScanDueAsync(DateTimeOffset.MaxValue.AddDays(-1), Sweep.BatchSize + 1, token),
            Report = error => Report(new RunIdentity("-", "sweep"), error),
            Interval = options.SweepInterval,
            Time = parts.Time,
            Stopping = stopping.Token,
        });
        events = new RunEvents(log);
        Ledger.Committed = Committed;
    }

    /// <summary>What the engine is set to.</summary>
    public EmbeddedEngineOptions Options { get; }

    /// <summary>Told which tenant's ledger was written to, so that whoever follows its log looks; on the writer's thread, so it must return at once.</summary>
    public Action<string>? Wrote { get; set; }

    /// <summary>Told of every run that ended here, soon after its end is durable; it must return at once.</summary>
    public Action<RunIdentity>? Ended { get; set; }

    /// <summary>How many runs are in memory.</summary>
    public int RunsInMemory => active.Count;

    internal SqliteLedger Ledger { get; }

    internal TimeProvider Time { get; }

    internal WorkflowCatalog Workflows { get; }

    internal StepExecutors Executors { get; }

    internal RunRows Runs { get; }

    /// <summary>Calls with outside effects that are in flight.</summary>
    internal FairSlots Slots { get; }

    /// <summary>Loads of runs and calls without outside effects that are in progress: each is over as soon as the ledger has answered.</summary>
    internal FairSlots Turns { get; }

    internal RunActivities Activities { get; }

    internal CancellationToken Stopping => stopping.Token;

    /// <summary>Takes up what was at work when the last host on this journal stopped, and begins to sweep.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var tenants = await Ledger.ReadTenantsAsync(cancellationToken);
        recovering = Task.Run(() => new Recovery(this, admission).RunAsync(tenants, Stopping), CancellationToken.None);
        due.Start();
    }

    /// <inheritdoc/>
    public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default)
    {
        // A tenant without a run in memory is never kept waiting by the others, and one alone leaves room for them.
        var own = inMemory.GetValueOrDefault(run.Tenant);
        if (own > 0 && (active.Count >= Options.MaxRuns || own >= Options.RunShare))
        {
            throw new EngineBusyException();
        }

        Activate(run);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default)
    {
        if (!active.TryGetValue(run, out var found))
        {
            Activate(run);
            return;
        }

        if (wait is null)
        {
            await found.RefreshFlagsAsync();
        }

        found.Post(RunMessage.Poke(wait));
    }

    /// <summary>
    /// Prepares an orderly stop: no further call with outside effects begins, and those in flight have a grace to end, so that none of them is made again
    /// after the next start.
    /// </summary>
    /// <param name="grace">How long to wait at most.</param>
    /// <returns>How many calls are still in flight; the next start makes them again under the next execution number.</returns>
    public async Task<int> DrainAsync(TimeSpan grace)
    {
        try
        {
            await Slots.CloseAsync().WaitAsync(grace, Time);
        }
        catch (TimeoutException)
        {
            // They are cut off by the stop.
        }

        return Slots.InUse;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync();
        await due.StopAsync();
        await recovering;
        Ledger.Committed = null;
    }

    internal string NextNonce() => string.Create(CultureInfo.InvariantCulture, $"{nonce}.{Interlocked.Increment(ref deliveries)}");

    /// <summary>Brings a run into memory, if it is not there.</summary>
    internal void Activate(RunIdentity run)
    {
        var fresh = new ActiveRun(this, run);
        if (!stopping.IsCancellationRequested && active.TryAdd(run, fresh))
        {
            inMemory.AddOrUpdate(run.Tenant, 1, static (_, count) => count + 1);
            _ = Task.Run(fresh.LoadAsync);
        }
    }

    internal void Forget(ActiveRun run)
    {
        if (active.TryRemove(KeyValuePair.Create(run.Run, run))
            && inMemory.AddOrUpdate(run.Run.Tenant, 0, static (_, count) => count - 1) == 0)
        {
            inMemory.TryRemove(KeyValuePair.Create(run.Run.Tenant, 0));
        }
    }

    internal void Report(RunIdentity run, Exception error)
    {
        if (!stopping.IsCancellationRequested)
        {
            log.LogError(error, "Run {Run} of tenant {Tenant} cannot continue", run.Id, run.Tenant);
        }
    }

    internal async Task ParkAsync(RunIdentity run, Exception cause)
    {
        try
        {
            var parked = await PatientLedger.RepeatAsync(
                async token =>
                {
                    await Activities.Park.RunAsync(run, cause, token);
                    return await Runs.FindAsync(run, token);
                },
                Time,
                Stopping);
            if (parked is { Run: { Parent: { } parent } child } && child.Flags.HasFlag(RunFlags.Cancel))
            {
                // It cannot even be canceled: once its time is up the step that called it waits no longer.
                await PokeQuietlyAsync(new RunIdentity(run.Tenant, parent), child.ParentCall);
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Report(run, error);
        }
    }

    internal async Task PokeQuietlyAsync(RunIdentity run, string? wait)
    {
        try
        {
            await PokeAsync(run, wait, Stopping);
        }
        catch (OperationCanceledException)
        {
            // The host is stopping; the run is taken up at the next start.
        }
    }

    // On the writer's thread, in the order of the journal: answers reach runs in the order in which a replay would bring them.
    private void Committed(string tenant, LedgerCommit commit)
    {
        if (commit.Call is { Answer: not null } call && active.TryGetValue(new RunIdentity(tenant, call.Run), out var run))
        {
            run.Post(RunMessage.Recorded(call));
        }

        if (!commit.Entries.IsEmpty)
        {
            Wrote?.Invoke(tenant);
            events.Log(tenant, commit);
        }

        foreach (var row in commit.Rows)
        {
            if (row.Value is null && line is not null && row.Key.StartsWith(RowKeys.OpenPrefix, StringComparison.Ordinal))
            {
                line.Freed(tenant);
            }

            if (row.Value is not null && row.Key.StartsWith(RowKeys.DuePrefix, StringComparison.Ordinal))
            {
                due.Expect(RowKeys.DueTime(row.Key));
            }
        }
    }
}

/// <summary>What an embedded engine is made of.</summary>
public sealed record EmbeddedEngineParts
{
    /// <summary>The journal and ledger.</summary>
    public required SqliteLedger Ledger { get; init; }

    /// <summary>The definitions.</summary>
    public required WorkflowCatalog Workflows { get; init; }

    /// <summary>The executors.</summary>
    public required StepExecutors Executors { get; init; }

    /// <summary>Makes the activities, given the engine that they poke.</summary>
    public required Func<IEngine, RunActivities> Activities { get; init; }

    /// <summary>Makes the sweep, given the engine that it pokes.</summary>
    public required Func<IEngine, Sweep> Sweep { get; init; }

    /// <summary>Which queued runs may start when the engine does; null for all.</summary>
    public Admission? Admission { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
