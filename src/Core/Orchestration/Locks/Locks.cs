using System.Collections.Immutable;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>A step that waits for a lock.</summary>
/// <param name="Wait">Its wait.</param>
/// <param name="Holder">Who holds the lock; null where nobody does at the moment.</param>
public sealed record AwaitedLock(WaitRow Wait, LockHolder? Holder);

/// <summary>
/// Lets go of locks and passes them on. The commit by which one lets go is the one by which the next in line gets the lock; the poke after it may be lost.
/// Everything is asked of the holder's own wait: who does not hold a lock cannot let go of it, and nobody lets go twice.
/// </summary>
public sealed class Locks(ILedger ledger, RunRows runs, IEngine engine, TimeProvider time)
{
    private const int PageSize = 200;

    private readonly LockLine line = new(ledger, runs);

    /// <summary>Lets go of the lock that a wait got.</summary>
    /// <param name="run">The run.</param>
    /// <param name="wait">The key of the wait.</param>
    /// <param name="why">What the log says: <c>lock.released</c> or <c>lock.expired</c>.</param>
    /// <param name="riding">What is committed with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it held the lock; if not, nothing was committed.</returns>
    public async ValueTask<bool> LetGoAsync(RunIdentity run, string wait, string why, LedgerCommit riding, CancellationToken cancellationToken)
    {
        var (held, handover) = await CommitLoop.RunAsync(token => TryLetGoAsync(run, wait, why, riding, token), time, cancellationToken);
        await PokeAsync(run.Tenant, handover, cancellationToken);
        return held;
    }

    // Whether it held the lock and let go of it.
    private async ValueTask<(bool Held, Handover Handover)> TryLetGoAsync(RunIdentity run, string wait, string why, LedgerCommit riding, CancellationToken cancellationToken)
    {
        var stored = await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, wait), cancellationToken);
        if (stored is null || WaitRow.From(stored) is not { IsHeld: true, Lock: { } held } holding)
        {
            return (false, Handover.None);
        }

        var now = time.GetUtcNow();
        var handover = await ledger.ReadRowAsync(run.Tenant, RowKeys.Lock(held.Name), cancellationToken) is { } row && LockRow.From(row).Holder is { } holder && (holder.Run, holder.Wait) == (run.Id, wait)
            ? await line.PassOnAsync(run.Tenant, row, now, cancellationToken)
            : Handover.None;
        var commit = new LedgerCommit
        {
            Rows =
            [
                RowWrite.Replace(stored.Key, (holding with { Lock = held with { LetGoAt = now } }).ToBytes(), stored.Version),
                RowWrite.DeleteIfPresent(holding.UnlockRow.Key),
                .. riding.Rows,
                .. handover.Rows,
            ],
            Entries = [.. riding.Entries, LetGo(holding, why, handover.Next), .. handover.Entries],
            Call = riding.Call,
        };
        await ledger.CommitFirstAsync(run.Tenant, commit, time, cancellationToken);
        return (true, handover);
    }

    /// <summary>Lets go of all locks of a run that is set aside, so that nobody waits for an operator.</summary>
    public async Task LetGoOfAllAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        await foreach (var wait in WaitsAsync(run, cancellationToken))
        {
            if (wait.IsHeld)
            {
                await LetGoOfParkedAsync(run, wait.Key, cancellationToken);
            }
        }
    }

    // A run that was continued meanwhile may be at work under its lock: what is let go of is let go of by a parked run, in the same commit.
    private async Task LetGoOfParkedAsync(RunIdentity run, string wait, CancellationToken cancellationToken)
    {
        var (_, handover) = await CommitLoop.RunAsync(
            async token => await runs.FindAsync(run, token) is { Run.Status: RunStatus.Parked } row
                ? await TryLetGoAsync(run, wait, EventTypes.LockReleased, new LedgerCommit { Rows = [row.Replace(row.Run)] }, token)
                : (false, Handover.None),
            time,
            cancellationToken);
        await PokeAsync(run.Tenant, handover, cancellationToken);
    }

    /// <summary>Passes a lock on whose holder has held it for as long as it may.</summary>
    public async Task ExpireAsync(RunIdentity run, string wait, CancellationToken cancellationToken)
    {
        if (await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, wait), cancellationToken) is { } stored
            && WaitRow.From(stored) is { IsHeld: true, Lock: { } held } && held.Until <= time.GetUtcNow())
        {
            await LetGoAsync(run, wait, EventTypes.LockExpired, new LedgerCommit(), cancellationToken);
        }
    }

    /// <summary>Gives a lock that nobody holds, or nobody may hold any longer, to the first in line who can take it.</summary>
    /// <returns>Whether anything changed.</returns>
    internal async ValueTask<bool> OfferAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await ledger.ReadRowAsync(tenant, RowKeys.Lock(name), cancellationToken) is not { } stored)
        {
            return false;
        }

        if (LockRow.From(stored).Holder is { } holder)
        {
            return holder.Until <= now
                && await LetGoAsync(new RunIdentity(tenant, holder.Run), holder.Wait, EventTypes.LockExpired, new LedgerCommit(), cancellationToken);
        }

        var handover = await line.PassOnAsync(tenant, stored, now, cancellationToken);
        if (handover.Next is null)
        {
            return false;
        }

        try
        {
            await ledger.CommitFirstAsync(tenant, new LedgerCommit { Rows = handover.Rows, Entries = handover.Entries }, time, cancellationToken);
            await PokeAsync(tenant, handover, cancellationToken);
        }
        catch (LedgerConflictException)
        {
            // Another step joined or left the line, or was faster: the caller looks again.
        }

        return true;
    }

    /// <summary>The locks that a run waits for, and who holds them.</summary>
    public async Task<ImmutableArray<AwaitedLock>> WaitedForAsync(RunIdentity run, CancellationToken cancellationToken = default)
    {
        var found = ImmutableArray.CreateBuilder<AwaitedLock>();
        await foreach (var wait in WaitsAsync(run, cancellationToken))
        {
            if (wait is { IsOpen: true, Lock: { } wanted })
            {
                var row = await ledger.ReadRowAsync(run.Tenant, RowKeys.Lock(wanted.Name), cancellationToken);
                found.Add(new AwaitedLock(wait, row is null ? null : LockRow.From(row).Holder));
            }
        }

        return found.ToImmutable();
    }

    private async ValueTask PokeAsync(string tenant, Handover handover, CancellationToken cancellationToken)
    {
        if (handover.Next is { } next)
        {
            await engine.PokeAsync(new RunIdentity(tenant, next.Run), next.Wait, cancellationToken);
        }
    }

    private async IAsyncEnumerable<WaitRow> WaitsAsync(
        RunIdentity run, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Row> page;
        string? after = null;
        do
        {
            page = await ledger.ScanRowsAsync(run.Tenant, RowKeys.Wait(run.Id, ""), after, PageSize, cancellationToken);
            foreach (var row in page)
            {
                yield return WaitRow.From(row);
            }

            after = page.Count > 0 ? page[^1].Key : after;
        }
        while (page.Count == PageSize);
    }

    private static EntryDraft LetGo(WaitRow wait, string why, LockHolder? next) => WaitLog.Entry(wait, why, null, RunLog.Actor, new LogPayload()
        .Add("lock", Redactor.Default.Redact(wait.Lock!.Name))
        .Add("next", next?.Run)
        .Add("step", wait.StepId)
        .Add("visit", wait.Visit)
        .ToBytes());
}
