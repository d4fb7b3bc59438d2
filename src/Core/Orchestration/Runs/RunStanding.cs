using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>
/// Says what a run waits for as of now. Its row counts a wait until the run has taken notice of the decision, and does not count what its called workflows wait for;
/// the rows of the waits and of the called runs decide both.
/// </summary>
public sealed class RunStanding(ILedger ledger)
{
    private const int PageSize = 500;

    /// <summary>How many called runs of one run are looked at: 1,000.</summary>
    public const int MostChildren = 1_000;

    /// <summary>The run's row with its open waits as of now, among them one for all called runs that wait for a person, an event or a time.</summary>
    public async ValueTask<RunRow> OfAsync(string tenant, RunRow run, CancellationToken cancellationToken = default)
    {
        if (run.Status is not RunStatus.Running)
        {
            return run;
        }

        if (run.OpenWaits > 0)
        {
            run = await WithOpenWaitsAsync(tenant, run, cancellationToken);
        }

        return run.OpenWaits == run.OpenLocks && run.Depth < Children.DeepestCall && await HasWaitingChildAsync(tenant, run, cancellationToken)
            ? run with { OpenWaits = run.OpenWaits + 1 }
            : run;
    }

    private async ValueTask<RunRow> WithOpenWaitsAsync(string tenant, RunRow run, CancellationToken cancellationToken)
    {
        var (waits, locks) = (0, 0);
        await foreach (var row in RowsAsync(tenant, RowKeys.Wait(run.Id, ""), cancellationToken))
        {
            if (WaitRow.From(row) is { IsOpen: true, Counts: true } wait)
            {
                waits++;
                locks += wait.Lock is null ? 0 : 1;
            }

            if (waits == run.OpenWaits)
            {
                break;
            }
        }

        return run with { OpenWaits = waits, OpenLocks = locks };
    }

    private async ValueTask<bool> HasWaitingChildAsync(string tenant, RunRow run, CancellationToken cancellationToken)
    {
        var left = MostChildren;
        var prefix = RowKeys.Children(run.Id);
        await foreach (var row in RowsAsync(tenant, prefix, cancellationToken))
        {
            if (await ledger.ReadRowAsync(tenant, RowKeys.Run(row.Key[prefix.Length..]), cancellationToken) is { } stored
                && RunRow.From(stored) is { Status: RunStatus.Running } child
                && await OfAsync(tenant, child, cancellationToken) is var standing && standing.OpenWaits > standing.OpenLocks)
            {
                return true;
            }

            if (--left == 0)
            {
                break;
            }
        }

        return false;
    }

    private async IAsyncEnumerable<Row> RowsAsync(
        string tenant, string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Row> page;
        string? after = null;
        do
        {
            page = await ledger.ScanRowsAsync(tenant, prefix, after, PageSize, cancellationToken);
            foreach (var row in page)
            {
                yield return row;
            }

            after = page.Count > 0 ? page[^1].Key : after;
        }
        while (page.Count == PageSize);
    }
}
