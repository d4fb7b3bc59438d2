using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Point 1 of the protocol: the first thing that an engine does for a run is to claim it.</summary>
public sealed class ClaimRun(ILedger ledger, RunRows runs, TimeProvider time)
{
    /// <summary>Claims a run from queued to running.</summary>
    /// <returns>What the run starts with; null where somebody else claimed it, it is held, has ended, or is not there: the caller ends without a trace.</returns>
    public ValueTask<RunStart?> RunAsync(Delivery delivery, CancellationToken cancellationToken) =>
        CommitLoop.RunAsync(token => TryAsync(delivery, token), time, cancellationToken);

    private async ValueTask<RunStart?> TryAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        if (await runs.FindAsync(run, cancellationToken) is not { } row)
        {
            return null;
        }

        if (row.Run.Status is not RunStatus.Queued)
        {
            return row.Run.Nonce == delivery.Nonce && !row.Run.IsEnded ? StartOf(row.Run) : null;
        }

        if (row.Run is { Held: not null, Flags: var asked } && !asked.HasFlag(RunFlags.Cancel))
        {
            return null;
        }

        var canceled = row.Run.Flags.HasFlag(RunFlags.Cancel);
        var now = time.GetUtcNow();
        var claimed = canceled
            ? row.Run with { Status = RunStatus.Canceled, Nonce = delivery.Nonce, Ended = now }
            : row.Run with { Status = RunStatus.Running, Nonce = delivery.Nonce, Started = now, FlagsAtStart = row.Run.Flags };
        await ledger.CommitFirstAsync(run.Tenant, Claim(run, row, claimed), time, cancellationToken);
        return canceled ? null : StartOf(claimed);
    }

    private static LedgerCommit Claim(RunIdentity run, VersionedRun row, RunRow claimed) => new()
    {
        Rows =
        [
            row.Replace(claimed),
            .. claimed.Parent is null ? [RowWrite.DeleteIfPresent(DueKey(claimed))] : Array.Empty<RowWrite>(),
            .. claimed.IsEnded ? [RowWrite.DeleteIfPresent(RowKeys.Open(claimed.Id))] : Array.Empty<RowWrite>(),
        ],
        Entries = claimed.IsEnded
            ? [RunLog.OfRun(run, claimed, "ended", EventTypes.RunCanceled, RunLog.Actor, LogPayload.Empty)]
            : [RunLog.OfRun(run, claimed, "started", EventTypes.RunStarted, RunLog.Actor, LogPayload.Empty)],
    };

    /// <summary>The due row that makes the sweep start a run whose start was lost.</summary>
    public static string DueKey(RunRow run) => RowKeys.Due(run.HeldUntil ?? run.Created + WaitPokes.Patience, run.Id, "start");

    /// <summary>What a claimed run starts with, read back from its row.</summary>
    public static RunStart StartOf(RunRow row) => new()
    {
        Pin = new RunPin(row.Definition, row.Root, row.CorrelationId, row.Requester)
        {
            TraceParent = row.TraceParent,
            Depth = row.Depth,
            Limits = row.Limits,
            KeepsEffects = row.KeepsEffects,
        },
        Input = row.Input,
        Profile = row.Profile,
        Started = row.Started!.Value,
        Flags = row.FlagsAtStart,
    };
}
