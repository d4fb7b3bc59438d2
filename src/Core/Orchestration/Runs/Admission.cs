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

    /// <summary>
    /// After which time the sweep looks at a run that is held for the first time: 10 seconds. It looks less often the longer the run has waited, because
    /// every run that ends or begins to wait admits the next one.
    /// </summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly ReadOnlyMemory<byte> HeldMark = "{\"held\":true}"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> OpenMark = "{}"u8.ToArray();

    /// <summary>Whether there is a limit.</summary>
    public bool IsLimited => limit > 0;

    /// <summary>The row that marks a run as active, or as queued; it says whether the run is held, so that the next one is found without reading its row.</summary>
    public static RowWrite OpenRow(RunRow run) => RowWrite.Put(RowKeys.Open(run.Id), run is { Held: not null, Status: RunStatus.Queued } ? HeldMark : OpenMark);

    /// <summary>Starts what may start now that a run of the tenant ended or began to wait: held runs, in the order in which they came.</summary>
    public async Task AdmitNextAsync(string tenant, IEngine engine, CancellationToken cancellationToken = default)
    {
        if (!IsLimited)
        {
            return;
        }

        var first = await ledger.ScanRowsAsync(tenant, RowKeys.OpenPrefix, null, limit, cancellationToken);
        foreach (var row in first.Where(row => row.Value.Span.SequenceEqual(HeldMark.Span)))
        {
            var run = new RunIdentity(tenant, row.Key[RowKeys.OpenPrefix.Length..]);
            if (await AdmitAsync(run, cancellationToken))
            {
                try
                {
                    await engine.StartAsync(run, cancellationToken);
                }
                catch (EngineBusyException)
                {
                    // The sweep starts it when there is room.
                    return;
                }
            }
        }
    }

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

    private static LedgerCommit Releasing(VersionedRun row, RunRow queued) =>
        new() { Rows = [row.Replace(queued with { Held = null }), OpenRow(queued with { Held = null })] };

    private LedgerCommit Holding(RunIdentity run, VersionedRun row, RunRow queued)
    {
        var now = time.GetUtcNow();
        var pause = (now - queued.Created) / 2;
        pause = pause < Pause ? Pause : pause > LongestPause ? LongestPause : pause;
        var held = queued with { Held = TenantLimit, HeldUntil = now + pause };
        var payload = new LogPayload().Add("code", TenantLimit).Add("limit", limit).ToBytes();
        return new LedgerCommit
        {
            Rows =
            [
                row.Replace(held),
                OpenRow(held),
                RowWrite.DeleteIfPresent(ClaimRun.DueKey(queued)),
                RowWrite.Put(ClaimRun.DueKey(held), new DueReason(DueKind.Start, run.Id).ToBytes()),
            ],
            Entries = queued.HeldUntil is null ? [RunLog.OfRun(run, held, "held", EventTypes.LimitReached, RunLog.Actor, payload)] : [],
        };
    }
}
