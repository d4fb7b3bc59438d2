using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Point 1 of the protocol: the first thing that an engine does for a run is to claim it.</summary>
public sealed class ClaimRun(ILedger ledger, RunRows runs, TimeProvider time)
{
    /// <summary>Claims a run from queued to running.</summary>
    /// <returns>What the run starts with; null where somebody else claimed it, it has ended, or it is not there: the caller ends without a trace.</returns>
    public async ValueTask<RunStart?> RunAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        while (true)
        {
            if (await runs.FindAsync(run, cancellationToken) is not { } row)
            {
                return null;
            }

            if (row.Run.Status is not RunStatus.Queued)
            {
                return row.Run.Nonce == delivery.Nonce && !row.Run.IsEnded ? Start(row.Run) : null;
            }

            var claimed = row.Run with { Status = RunStatus.Running, Nonce = delivery.Nonce, Started = time.GetUtcNow() };
            try
            {
                await ledger.CommitPatientlyAsync(run.Tenant, Claim(run, row, claimed), time, cancellationToken);
                return Start(claimed);
            }
            catch (LedgerConflictException)
            {
                // Claimed by another start, or asked something, in between: look again.
            }
        }
    }

    private static LedgerCommit Claim(RunIdentity run, VersionedRun row, RunRow claimed) => new()
    {
        Rows = [row.Replace(claimed), .. claimed.Parent is null ? [RowWrite.DeleteIfPresent(DueKey(claimed))] : Array.Empty<RowWrite>()],
        Entries = [RunLog.OfRun(run, claimed, "started", EventTypes.RunStarted, RunLog.Actor, LogPayload.Empty)],
    };

    /// <summary>The due row that makes the sweep start a run whose start was lost.</summary>
    public static string DueKey(RunRow run) => RowKeys.Due(run.Created + WaitPokes.Patience, run.Id, "start");

    private static RunStart Start(RunRow row) => new()
    {
        Pin = new RunPin(row.Definition, row.Root, row.CorrelationId, row.Requester),
        Input = row.Input,
        Profile = row.Profile,
        Started = row.Started!.Value,
        Flags = row.Flags,
    };
}
