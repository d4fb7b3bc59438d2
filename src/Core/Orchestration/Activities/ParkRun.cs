using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Point 8 of the protocol: a run that cannot be replayed is set aside for an operator, with what was expected and found.</summary>
public sealed class ParkRun(ILedger ledger, RunRows runs, Locks locks, TimeProvider time)
{
    /// <summary>Parks a run, if it has not ended, and lets go of its locks.</summary>
    public Task RunAsync(RunIdentity run, Exception cause, CancellationToken cancellationToken) => RunAsync(run, cause, null, cancellationToken);

    /// <summary>The same, where it may be asked again later on: nothing happens to a run that was let go on since.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cause">Why.</param>
    /// <param name="decided">When it was decided; null for now.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(RunIdentity run, Exception cause, DateTimeOffset? decided, CancellationToken cancellationToken)
    {
        await SetAsideAsync(run, cause, decided ?? DateTimeOffset.MaxValue, cancellationToken);
        await locks.LetGoOfAllAsync(run, cancellationToken);
    }

    private ValueTask SetAsideAsync(RunIdentity run, Exception cause, DateTimeOffset decided, CancellationToken cancellationToken) => CommitLoop.RunAsync(
        async token =>
        {
            if (await runs.FindAsync(run, token) is { Run: { IsEnded: false, Status: not RunStatus.Parked } } row && !(row.Run.Continued > decided))
            {
                var parked = row.Run with { Status = RunStatus.Parked, Error = ErrorOf(cause), Asked = row.Run.Asked + 1 };
                await ledger.CommitFirstAsync(run.Tenant, Parking(run, row, parked), time, token);
            }
        },
        time,
        cancellationToken);

    private static LedgerCommit Parking(RunIdentity run, VersionedRun row, RunRow parked) => new()
    {
        Rows = [row.Replace(parked), RowWrite.DeleteIfPresent(RowKeys.Open(run.Id))],
        Entries =
        [
            RunLog.OfRun(run, parked, $"{EventTypes.RunParked}.{parked.Asked}", EventTypes.RunParked, RunLog.Actor, new LogPayload()
                .Add("error", StepEntries.Facts(parked.Error)).ToBytes()),
        ],
    };

    private static StepError ErrorOf(Exception cause) => cause is ReplayMismatchException mismatch
        ? new()
        {
            Type = "run.replay-mismatch",
            Title = "The run cannot be replayed",
            Detail = $"Its history holds {mismatch.Expected}; the interpreter asked for {mismatch.Found}.",
        }
        : cause is InstanceEndedException ended
        ? new() { Type = ended.Code, Title = "The run's instance was ended from outside", Detail = ended.Message }
        : cause is TreeTooLargeException tree
        ? new() { Type = TreeTooLargeException.ErrorCode, Title = "The run's tree is too large", Detail = tree.Message }
        : cause is LedgerContentionException contention
        ? new() { Type = LedgerContentionException.ErrorCode, Title = "The run could not be committed", Detail = contention.Message }
        : cause is LedgerRefusedException refused
        ? new() { Type = LedgerRefusedException.ErrorCode, Title = "The storage refused what the run had to write or read", Detail = refused.Message }
        : new()
        {
            Type = "run.parked",
            Title = "The run met an unforeseen error",
            Detail = $"{(cause as IForeignFault)?.Kind ?? cause.GetType().Name} in the engine; the host's log has more.",
        };
}
