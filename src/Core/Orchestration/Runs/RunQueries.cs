using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Which runs are wanted.</summary>
/// <param name="Status">Only runs of this status.</param>
/// <param name="Workflow">Only runs of this workflow.</param>
/// <param name="NotUndone">Only runs that could not undo all that they should have.</param>
public sealed record RunFilter(RunStatus? Status, string? Workflow, bool NotUndone = false)
{
    /// <summary>Only runs that are paused, or only those that are not; null for both.</summary>
    public bool? Paused { get; init; }

    /// <summary>Whether a run is wanted.</summary>
    public bool Matches(RunRow run) =>
        (Paused is null || run.IsPaused == Paused) &&
        (Status is null || run.VisibleStatus == Status) && (Workflow is null || run.Workflow == Workflow) && (!NotUndone || run.NotUndone is not null);
}

/// <summary>A page of runs.</summary>
/// <param name="Items">The runs, the newest first.</param>
/// <param name="Next">The row after which the next page begins; null at the end.</param>
public sealed record RunPage(IReadOnlyList<RunRow> Items, string? Next);

/// <summary>Lists runs.</summary>
public sealed class RunQueries(ILedger ledger)
{
    private const int PageSize = 500;

    /// <summary>How many rows one call looks at before it answers with what it has found.</summary>
    public const int MostLookedAt = 20_000;

    /// <summary>A page of runs, the newest first.</summary>
    public async Task<RunPage> ListAsync(string tenant, RunFilter filter, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var found = new List<RunRow>();
        for (var lookedAt = 0; lookedAt < MostLookedAt;)
        {
            var page = await ledger.ScanRowsAsync(tenant, RowKeys.RunPrefix, after, PageSize, cancellationToken);
            foreach (var row in page)
            {
                (after, lookedAt) = (row.Key, lookedAt + 1);
                var run = RunRow.From(row);
                if (filter.Matches(run))
                {
                    found.Add(run);
                    if (found.Count == limit)
                    {
                        return new RunPage(found, after);
                    }
                }
            }

            if (page.Count < PageSize)
            {
                return new RunPage(found, null);
            }
        }

        return new RunPage(found, after);
    }
}
