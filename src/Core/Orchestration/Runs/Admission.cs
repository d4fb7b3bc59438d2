using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>
/// Lets queued runs start in the order in which they came, as long as their tenant has no more runs at work than it may. A run that waits for
/// somebody, and does nothing else meanwhile, is not at work, and children pass no admission: what was begun is finished. Counted are the rows that mark runs at work, so there is no counter to keep.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="runs">Run rows.</param>
/// <param name="limit">How many runs a tenant may have at work; 0 for any number.</param>
/// <param name="time">The clock.</param>
public sealed class Admission(ILedger ledger, RunRows runs, int limit, TimeProvider time)
{
    /// <summary>The most that a limit may be: 1,000.</summary>
    public const int HighestLimit = 1_000;

    /// <summary>Why a run is held: <c>run.tenant-limit</c>.</summary>
    public const string TenantLimit = "run.tenant-limit";

    /// <summary>After which time a run that is held is looked at again: 10 seconds.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Whether a run that was just committed may start now; see <see cref="AdmitAsync"/>.</summary>
    public async Task<bool> AdmitNewAsync(RunIdentity run, CancellationToken cancellationToken = default) =>
        limit == 0 || await IsAmongTheFirstAsync(run, cancellationToken) || await AdmitAsync(run, cancellationToken);

    /// <summary>Whether a queued run may start now. Where it may not, its row says why, and the log, once.</summary>
    public async Task<bool> AdmitAsync(RunIdentity run, CancellationToken cancellationToken = default) =>
        await CommitLoop.RunAsync(token => TryAdmitAsync(run, token), time, cancellationToken);

    private async ValueTask<bool> TryAdmitAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(run, cancellationToken) is not { Run: { Status: RunStatus.Queued, Parent: null } queued } row)
        {
            return true;
        }

        // A run that is to end starts only to end.
        var admitted = limit == 0 || queued.Flags.HasFlag(RunFlags.Cancel) || await IsAmongTheFirstAsync(run, cancellationToken);
        if (!admitted || queued.Held is not null)
        {
            await ledger.CommitAsync(run.Tenant, admitted ? Releasing(row, queued) : Holding(run, row, queued), cancellationToken);
        }

        return admitted;
    }

    private async ValueTask<bool> IsAmongTheFirstAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        var first = await ledger.ScanRowsAsync(run.Tenant, RowKeys.OpenPrefix, null, limit, cancellationToken);
        return first.Count < limit || string.CompareOrdinal(RowKeys.Open(run.Id), first[^1].Key) <= 0;
    }

    private static LedgerCommit Releasing(VersionedRun row, RunRow queued) => new() { Rows = [row.Replace(queued with { Held = null })] };

    private LedgerCommit Holding(RunIdentity run, VersionedRun row, RunRow queued)
    {
        var held = queued with { Held = TenantLimit, HeldUntil = time.GetUtcNow() + Pause };
        var payload = new LogPayload().Add("code", TenantLimit).Add("limit", limit).ToBytes();
        return new LedgerCommit
        {
            Rows =
            [
                row.Replace(held),
                RowWrite.DeleteIfPresent(ClaimRun.DueKey(queued)),
                RowWrite.Put(ClaimRun.DueKey(held), new DueReason(DueKind.Start, run.Id).ToBytes()),
            ],
            Entries = queued.HeldUntil is null ? [RunLog.OfRun(run, held, "held", EventTypes.LimitReached, RunLog.Actor, payload)] : [],
        };
    }
}
