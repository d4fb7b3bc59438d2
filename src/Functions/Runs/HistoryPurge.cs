using Microsoft.DurableTask.Client;

namespace Countersign.Functions.Runs;

/// <summary>
/// Deletes the histories of ended instances from the task hub some time after their end. A history holds definitions and values of runs; the ledger has
/// what a run needs to be read, proved and continued, and its own rules of erasure.
/// </summary>
internal sealed class HistoryPurge(DurableTaskClient client, TimeProvider time, TimeSpan kept)
{
    private const int PageSize = 500;
    private const int Parallelism = 8;

    private static readonly OrchestrationRuntimeStatus[] Ended =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    /// <summary>Purges once.</summary>
    /// <returns>How many instances were purged.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - kept;
        var purged = 0;

        // The hub selects by when an instance began; an old one that ended a moment ago stays.
        var query = new OrchestrationQuery { Statuses = Ended, CreatedTo = before, PageSize = PageSize };
        await foreach (var page in client.GetAllInstancesAsync(query).AsPages().WithCancellation(cancellationToken))
        {
            await Parallel.ForEachAsync(
                page.Values.Where(instance => instance.LastUpdatedAt < before),
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                async (instance, stop) => Interlocked.Add(ref purged, (await client.PurgeInstanceAsync(instance.InstanceId, stop)).PurgedInstanceCount));
        }

        return purged;
    }
}
