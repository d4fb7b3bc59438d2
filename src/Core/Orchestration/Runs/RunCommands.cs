using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>What people ask of a run that exists: cancel, pause, continue. Each is a flag on the run's row, committed with its entry.</summary>
public sealed class RunCommands(ILedger ledger, RunRows runs, IEngine engine, TimeProvider time)
{
    private const string TimeIsUp = "its time is up";

    /// <summary>
    /// Asks a run and its children to end. Executions in flight end first; then completed steps are compensated. Asking again does nothing.
    /// </summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunEndedException">The run has ended.</exception>
    public async Task<RunRow> CancelAsync(Principal actor, string run, string? reason, CancellationToken cancellationToken = default)
    {
        var asked = await AskAsync(actor, run, RunFlags.Cancel, set: true, EventTypes.RunCancelRequested, reason, cancellationToken);
        await CancelChildrenAsync(actor with { Request = null }, run, reason, cancellationToken);
        return asked;
    }

    /// <summary>Cancels a run, and its children, because its time is up. Nothing happens where it was asked to end before, or has.</summary>
    public async Task ExpireAsync(RunIdentity run, CancellationToken cancellationToken = default)
    {
        var system = Principal.System(run.Tenant);
        try
        {
            await AskAsync(system, run.Id, RunFlags.Cancel, set: true, EventTypes.RunCancelRequested, TimeIsUp, cancellationToken);
            await CancelChildrenAsync(system, run.Id, TimeIsUp, cancellationToken);
        }
        catch (Exception exception) when (exception is RunEndedException or RunNotFoundException)
        {
            // It was in time.
        }
    }

    /// <summary>
    /// Asks a run and its children to start nothing new until they are continued; what undoes something goes on. Asking again does nothing that is done.
    /// </summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunEndedException">The run has ended.</exception>
    public async Task<RunRow> PauseAsync(Principal actor, string run, CancellationToken cancellationToken = default)
    {
        var asked = await AskAsync(actor, run, RunFlags.Pause, set: true, EventTypes.RunPaused, null, cancellationToken);
        await AlignChildrenAsync(actor with { Request = null }, run, cancellationToken);
        return asked;
    }

    /// <summary>Lets a paused run and its paused children go on, and has a parked one tried again. Asking again does nothing that is done.</summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunEndedException">The run has ended.</exception>
    /// <exception cref="ParentPausedException">The run that called it is paused: whatever it may start waits for that one.</exception>
    public async Task<RunRow> ContinueAsync(Principal actor, string run, CancellationToken cancellationToken = default)
    {
        if ((await runs.ReadAsync(new RunIdentity(actor.Tenant, run), cancellationToken)).Run is { Parent: { } parent, IsEnded: false } row
            && row.Flags.HasFlag(RunFlags.Pause)
            && await IsPausedAsync(actor.Tenant, parent, cancellationToken))
        {
            throw new ParentPausedException(run, parent);
        }

        var asked = await AskAsync(actor, run, RunFlags.Pause, set: false, EventTypes.RunContinued, null, cancellationToken);
        await AlignChildrenAsync(actor with { Request = null }, run, cancellationToken);
        return asked;
    }

    /// <summary>Pauses an open child of a paused run, continues that of one that is not, and so on with its own children.</summary>
    internal async Task AlignAsync(Principal actor, string parent, string child, CancellationToken cancellationToken)
    {
        await CommitLoop.RunAsync(
            async token =>
            {
                var paused = await IsPausedAsync(actor.Tenant, parent, token);
                if ((await runs.ReadAsync(new RunIdentity(actor.Tenant, child), token)).Run is { IsEnded: false } row && row.Flags.HasFlag(RunFlags.Pause) != paused)
                {
                    await AskAsync(actor, child, RunFlags.Pause, paused, paused ? EventTypes.RunPaused : EventTypes.RunContinued, null, token);
                }

                if (await IsPausedAsync(actor.Tenant, parent, token) != paused)
                {
                    // The opposite was requested meanwhile, and that request may have been here before this one.
                    throw new LedgerConflictException(RowKeys.Run(parent));
                }
            },
            time,
            cancellationToken);
        await AlignChildrenAsync(actor, child, cancellationToken);
    }

    private Task AlignChildrenAsync(Principal actor, string parent, CancellationToken cancellationToken) =>
        ForEachChildAsync(new RunIdentity(actor.Tenant, parent), child => AlignAsync(actor, parent, child, cancellationToken), cancellationToken);

    private async ValueTask<bool> IsPausedAsync(string tenant, string run, CancellationToken cancellationToken) =>
        (await runs.ReadAsync(new RunIdentity(tenant, run), cancellationToken)).Run.Flags.HasFlag(RunFlags.Pause);

    private async Task<RunRow> AskAsync(
        Principal actor, string id, RunFlags flag, bool set, string type, string? reason, CancellationToken cancellationToken)
    {
        var run = new RunIdentity(actor.Tenant, id);
        var asked = await CommitLoop.RunAsync(token => TryAskAsync(actor, run, flag, set, type, reason, token), time, cancellationToken);
        if (asked is { Status: RunStatus.Queued, Held: not null } && asked.Flags.HasFlag(RunFlags.Cancel))
        {
            await EndHeldAsync(run, cancellationToken);
        }

        await engine.PokeAsync(run, null, cancellationToken);
        return asked;
    }

    // A run that waits for admission is in no engine: it starts now, only to end, instead of when the sweep looks at it next.
    private async Task EndHeldAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        try
        {
            await engine.StartAsync(run, cancellationToken);
        }
        catch (EngineBusyException)
        {
            // The sweep starts it when there is room.
        }
    }

    private async ValueTask<RunRow> TryAskAsync(
        Principal actor, RunIdentity run, RunFlags flag, bool set, string type, string? reason, CancellationToken cancellationToken)
    {
        var row = await runs.ReadAsync(run, cancellationToken);
        if (actor.Request is { } request && await request.IsDoneAsync(ledger, run.Tenant, cancellationToken))
        {
            return row.Run;
        }

        if (row.Run.IsEnded)
        {
            throw new RunEndedException(run.Id, row.Run.Status);
        }

        var asked = row.Run with { Flags = set ? row.Run.Flags | flag : row.Run.Flags & ~flag, Asked = row.Run.Asked + 1, AskedBy = actor.User };

        asked = ReferenceEquals(reason, TimeIsUp) && asked.Flags != row.Run.Flags ? asked with { TimedOut = true } : asked;

        // A parked run is tried again, whatever is asked of it: the cause may have been mended.
        var unparks = row.Run.Status is RunStatus.Parked && type != EventTypes.RunPaused;
        asked = unparks ? asked with { Status = row.Run.Started is null ? RunStatus.Queued : RunStatus.Running, Error = null, Continued = time.GetUtcNow() } : asked;
        if (asked.Flags != row.Run.Flags || unparks)
        {
            await ledger.CommitFirstAsync(run.Tenant, Asking(actor, run, row, asked, type, reason), time, cancellationToken);
        }

        return asked;
    }

    private LedgerCommit Asking(Principal actor, RunIdentity run, VersionedRun row, RunRow asked, string type, string? reason) => new()
    {
        Rows =
        [
            row.Replace(asked),
            .. actor.Request is { } request ? [request.Row] : Array.Empty<RowWrite>(),

            // One that waits is brought back by its due row, and does not count as at work meanwhile.
            .. row.Run.OpenWaits == 0 ? [Admission.OpenRow(asked)] : Array.Empty<RowWrite>(),
            .. asked.Status is RunStatus.Queued && row.Run.Status is RunStatus.Parked
                ? [RowWrite.Put(ClaimRun.DueKey(asked), new DueReason(DueKind.Start, run.Id).ToBytes())]
                : Array.Empty<RowWrite>(),
            RowWrite.Put(
                RowKeys.Due(time.GetUtcNow() + WaitPokes.Patience, run.Id, "asked"),
                new DueReason(DueKind.Poke, run.Id).ToBytes()),
        ],
        Entries = [RunLog.OfRun(run, asked, $"{type}.{asked.Asked}", type, actor.User, Payload(reason))],
    };

    private static ReadOnlyMemory<byte> Payload(string? reason) => reason is null
        ? LogPayload.Empty
        : new LogPayload().Add("reason", Redactor.Default.Redact(reason)).ToBytes();

    private Task CancelChildrenAsync(Principal actor, string parent, string? reason, CancellationToken cancellationToken) =>
        ForEachChildAsync(new RunIdentity(actor.Tenant, parent), child => CancelAsync(actor, child, reason, cancellationToken), cancellationToken);

    // All but those that undo something.
    private async Task ForEachChildAsync(RunIdentity parent, Func<string, Task> ask, CancellationToken cancellationToken)
    {
        const int Page = 200;
        var prefix = RowKeys.Children(parent.Id);
        IReadOnlyList<Row> children;
        string? after = null;
        do
        {
            children = await ledger.ScanRowsAsync(parent.Tenant, prefix, after, Page, cancellationToken);
            foreach (var child in children.Where(child => !child.Value.Span.SequenceEqual(Children.CompensatingMark.Span)))
            {
                try
                {
                    await ask(child.Key[prefix.Length..]);
                }
                catch (Exception exception) when (exception is RunEndedException or RunNotFoundException)
                {
                    // It ended by itself, or was withdrawn before it was started.
                }
            }

            after = children.Count > 0 ? children[^1].Key : after;
        }
        while (children.Count == Page);
    }
}

/// <summary>A paused run cannot be continued while the run that called it is paused.</summary>
/// <param name="run">The run.</param>
/// <param name="parent">The run that called it.</param>
public sealed class ParentPausedException(string run, string parent)
    : Exception($"Run '{run}' was called by '{parent}', which is paused: continue that one, and this goes on with it.");

/// <summary>The run has ended; nothing can be asked of it any more.</summary>
/// <param name="run">The run.</param>
/// <param name="status">How it ended.</param>
public sealed class RunEndedException(string run, RunStatus status)
    : Exception($"Run '{run}' has ended ({status.ToString().ToLowerInvariant()}); nothing can be asked of it any more.");
