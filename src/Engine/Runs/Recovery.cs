using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>
/// Takes up the runs that were active when the last host on this journal stopped. It works beside the engine, which has started by then, and brings no more runs
/// into memory at a time than the engine holds.
/// </summary>
internal sealed class Recovery(EmbeddedEngine engine, Admission? admission)
{
    private const int PageSize = 1000;
    private const int SuspendedAtOnce = 64;

    // A child's id begins with the time of its root.
    private const int TimeDigits = 12;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes up what is open in all tenants, one after the other.</summary>
    public async Task RunAsync(IReadOnlyList<string> tenants, CancellationToken cancellationToken)
    {
        foreach (var tenant in tenants)
        {
            try
            {
                await PatientLedger.RepeatAsync(
                    async token =>
                    {
                        await RecoverAsync(tenant, token);
                        return true;
                    },
                    engine.Time,
                    cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The runs of other tenants are taken up all the same.
                engine.Report(new RunIdentity(tenant, "-"), error);
            }
        }
    }

    private async ValueTask RecoverAsync(string tenant, CancellationToken cancellationToken)
    {
        var tooLarge = await TooLargeAsync(tenant, cancellationToken);
        var suspended = new List<RunIdentity>();
        await foreach (var run in OpenAsync(tenant, cancellationToken))
        {
            if (tooLarge.Count > 0
                && await engine.Runs.FindAsync(run, cancellationToken) is { Run: { } row } && tooLarge.ContainsKey(row.Root))
            {
                suspended.Add(run);
            }
            else if (admission is null || await admission.AdmitNewAsync(run, cancellationToken))
            {
                await ActivateAsync(run, cancellationToken);
            }
        }

        await Parallel.ForEachAsync(
            suspended,
            new ParallelOptions { MaxDegreeOfParallelism = SuspendedAtOnce, CancellationToken = cancellationToken },
            async (run, _) => await engine.ParkAsync(run, new TreeTooLargeException(engine.Options.MaxOpenRunsPerTree)));
    }

    private async Task ActivateAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        while (engine.RunsInMemory >= engine.Options.MaxRuns)
        {
            await Task.Delay(Pause, engine.Time, cancellationToken);
        }

        engine.Activate(run);
    }

    // The roots of trees with more open runs than are taken up. Rows are read only where the ids alone leave it open.
    private async Task<Dictionary<string, int>> TooLargeAsync(string tenant, CancellationToken cancellationToken)
    {
        var ofTime = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var run in OpenAsync(tenant, cancellationToken))
        {
            var time = TimeOf(run);
            ofTime[time] = ofTime.GetValueOrDefault(time) + 1;
        }

        var ofRoot = new Dictionary<string, int>(StringComparer.Ordinal);
        if (ofTime.Values.Any(count => count > engine.Options.MaxOpenRunsPerTree))
        {
            await foreach (var run in OpenAsync(tenant, cancellationToken))
            {
                if (ofTime[TimeOf(run)] > engine.Options.MaxOpenRunsPerTree && await engine.Runs.FindAsync(run, cancellationToken) is { Run: { } row })
                {
                    ofRoot[row.Root] = ofRoot.GetValueOrDefault(row.Root) + 1;
                }
            }
        }

        foreach (var (root, count) in ofRoot)
        {
            if (count <= engine.Options.MaxOpenRunsPerTree)
            {
                ofRoot.Remove(root);
            }
        }

        return ofRoot;
    }

    private static string TimeOf(RunIdentity run) => run.Id.Length > TimeDigits ? run.Id[..TimeDigits] : run.Id;

    private async IAsyncEnumerable<RunIdentity> OpenAsync(
        string tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Row> page;
        string? after = null;
        do
        {
            page = await engine.Ledger.ScanRowsAsync(tenant, RowKeys.OpenPrefix, after, PageSize, cancellationToken);
            foreach (var row in page)
            {
                yield return new RunIdentity(tenant, row.Key[RowKeys.OpenPrefix.Length..]);
            }

            after = page.Count > 0 ? page[^1].Key : after;
        }
        while (page.Count == PageSize);
    }
}
