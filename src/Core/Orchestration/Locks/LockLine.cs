using System.Collections.Immutable;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>What passing a lock on takes: rows and entries for the commit of whoever lets go of it.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Entries">The entries.</param>
/// <param name="Next">Who gets it, and is poked after the commit; null where nobody can take it now.</param>
internal sealed record Handover(ImmutableArray<RowWrite> Rows, ImmutableArray<EntryDraft> Entries, LockHolder? Next)
{
    public static Handover None { get; } = new([], [], null);
}

/// <summary>The line of those who wait for a lock.</summary>
internal sealed class LockLine(ILedger ledger, RunRows runs)
{
    private const int PageSize = 20;

    /// <summary>
    /// Gives a lock to the first in line who can take it. Those whose runs are parked or paused keep their places; where nobody else is there, nobody holds
    /// it. The row goes where nobody is left.
    /// </summary>
    public async ValueTask<Handover> PassOnAsync(string tenant, Row stored, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var current = LockRow.From(stored);
        var gone = new List<RowWrite>();
        var left = 0;
        IReadOnlyList<Row> page = [];
        for (string? after = null; !current.NobodyWaits && (after is null || page.Count == PageSize); after = page[^1].Key)
        {
            page = await ledger.ScanRowsAsync(tenant, RowKeys.LockLine(current.Name), after, PageSize, cancellationToken);
            foreach (var place in page)
            {
                var (next, isThere) = await LookAsync(tenant, LockPlace.From(place), now, cancellationToken);
                if (next is { } taker)
                {
                    return Give(stored, current with { PassedOver = current.PassedOver || left > 0 }, taker, gone, now);
                }

                left += isThere ? 1 : 0;
                if (!isThere && gone.Count < PageSize)
                {
                    gone.Add(RowWrite.DeleteIfPresent(place.Key));
                }
            }

            if (page.Count == 0)
            {
                break;
            }
        }

        var freed = left == 0 ? RowWrite.Delete(stored.Key, stored.Version) : RowWrite.Replace(stored.Key, (current with { Holder = null }).ToBytes(), stored.Version);
        return new Handover([freed, .. gone], [], null);
    }

    /// <summary>The entry that says that a step was given a lock.</summary>
    public static EntryDraft Acquired(WaitRow wait) => WaitLog.Entry(wait, EventTypes.LockAcquired, null, RunLog.Actor, new LogPayload()
        .Add("lock", Redactor.Default.Redact(wait.Lock!.Name))
        .Add("step", wait.StepId)
        .Add("until", wait.Lock.Until!.Value)
        .Add("visit", wait.Visit)
        .ToBytes());

    /// <summary>
    /// Whether a run may be given a lock. Whoever gives it one replaces the run's row at the version at which this was true, so that a run which is parked at
    /// that moment does not get it: parking looks for locks only afterwards.
    /// </summary>
    public static bool MayHold(RunRow run, bool compensating) => run.Status is not RunStatus.Parked && (compensating || run.Flags is RunFlags.None);

    // The wait that can take the lock now; or whether there is one that may do so later.
    private async ValueTask<((Row Wait, VersionedRun Run)? Next, bool IsThere)> LookAsync(string tenant, LockPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await ledger.ReadRowAsync(tenant, RowKeys.Wait(place.Run, place.Wait), cancellationToken);
        if (stored is null || WaitRow.From(stored) is not { IsOpen: true, Lock: { } wanted } wait
            || await runs.FindAsync(new RunIdentity(tenant, place.Run), cancellationToken) is not { Run.IsEnded: false } run)
        {
            return (null, false);
        }

        // Whoever is to end, or waited too long, leaves the line by themselves.
        return (now < wait.Deadline && MayHold(run.Run, wanted.Compensating) ? (stored, run) : null, true);
    }

    private static Handover Give(Row stored, LockRow current, (Row Wait, VersionedRun Run) next, List<RowWrite> gone, DateTimeOffset now)
    {
        var (storedWait, run) = next;
        var wait = WaitRow.From(storedWait);
        var given = wait.Got(now);
        return new Handover(
            [
                RowWrite.Replace(stored.Key, (current with { Holder = given.Holder }).ToBytes(), stored.Version),
                RowWrite.Replace(storedWait.Key, given.ToBytes(), storedWait.Version),
                run.Replace(run.Run),
                .. wait.Leftovers(),
                given.UnlockRow,
                RowWrite.Put(given.PokeKey(now), new DueReason(DueKind.Poke, given.Run, given.Key).ToBytes()),
                .. gone,
            ],
            [Acquired(given)],
            given.Holder);
    }
}
