using System.Collections.Concurrent;
using Countersign.Azure.Ledger;
using Countersign.Composition;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.DurableTask.Client;

namespace Countersign.Functions.Runs;

/// <summary>
/// Finds the runs whose rows say running while nothing executes them any more, because their instances were terminated, purged or failed,
/// and parks them. It begins with the rows: a purged instance leaves no trace in the task hub.
/// </summary>
internal sealed class Reconciliation(CoreServices core, TableLedger ledger, DurableTaskClient client, DurableEngine engine)
{
    private const int PageSize = 1000;
    private const int Parallelism = 8;

    // Between two looks: somebody may just be having the run go on under a new instance.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly OrchestrationRuntimeStatus[] Living =
        [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Suspended];

    /// <summary>Reconciles once: asks the task hub for the instance of each run that has not ended, and for no other.</summary>
    /// <returns>The runs that were parked.</returns>
    public async Task<IReadOnlyList<RunIdentity>> RunAsync(CancellationToken cancellationToken)
    {
        var suspects = new ConcurrentBag<(RunIdentity Run, string Version)>();
        foreach (var tenant in await ledger.ReadTenantsAsync(cancellationToken))
        {
            await Parallel.ForEachAsync(
                await UnendedAsync(tenant, cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                async (run, stop) =>
                {
                    if (await EndOfAsync(run, stop) is not null && await core.Rows.FindAsync(run, stop) is { Run.Status: RunStatus.Running } row)
                    {
                        suspects.Add((run, row.Version));
                    }
                });
        }

        if (!suspects.IsEmpty)
        {
            await Task.Delay(Pause, cancellationToken);
        }

        var parked = new List<RunIdentity>();
        foreach (var (run, version) in suspects)
        {
            if (await EndOfAsync(run, cancellationToken) is { } how
                && await core.Rows.FindAsync(run, cancellationToken) is { Run.Status: RunStatus.Running } row && row.Version == version)
            {
                await core.Activities(engine).Park.RunAsync(run, new InstanceEndedException(how), cancellationToken);
                await engine.TellCallerAsync(run, cancellationToken);
                parked.Add(run);
            }
        }

        return parked;
    }

    // A run that has not ended is at work, and has an open row, or waits, and has a row for the end of the wait.
    private async Task<HashSet<RunIdentity>> UnendedAsync(string tenant, CancellationToken cancellationToken)
    {
        var runs = new HashSet<RunIdentity>();
        await foreach (var row in RowsAsync(tenant, RowKeys.OpenPrefix, cancellationToken))
        {
            runs.Add(new RunIdentity(tenant, row.Key[RowKeys.OpenPrefix.Length..]));
        }

        await foreach (var row in RowsAsync(tenant, RowKeys.DuePrefix, cancellationToken))
        {
            if (DueReason.From(row) is { Kind: not DueKind.Forget } reason)
            {
                runs.Add(new RunIdentity(tenant, reason.Run));
            }
        }

        return runs;
    }

    private async IAsyncEnumerable<Row> RowsAsync(
        string tenant, string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            var page = await ledger.ScanRowsAsync(tenant, prefix, after, PageSize, cancellationToken);
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            after = page[^1].Key;
        }
    }

    private async Task<string?> EndOfAsync(RunIdentity run, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(Names.Instance(run), cancellationToken) is not { } instance ? "purged"
        : Living.Contains(instance.RuntimeStatus) ? null
        : $"{instance.RuntimeStatus}";
}
