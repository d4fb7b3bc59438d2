using Countersign.Azure.Ledger;
using Countersign.Composition;
using Countersign.Functions.Hosting;
using Countersign.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>What is done by the clock. The host runs each of them in one place at a time.</summary>
public sealed partial class Sweeps(CoreServices core, TableLedger ledger, HostSettings settings, ILogger<Sweeps> log)
{
    private const int MaxRounds = 10;

    /// <summary>Acts on the due rows: lost starts and pokes, deadlines, reminders, escalations.</summary>
    [Function("SweepDue")]
    public async Task SweepDueAsync(
        [TimerTrigger("%COUNTERSIGN_SWEEP_SCHEDULE%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        var sweep = core.Sweep(new DurableEngine(client, core.Rows, log));
        for (var round = 0; round < MaxRounds && await sweep.RunAsync(cancellationToken) == Sweep.BatchSize; round++)
        {
        }
    }

    /// <summary>
    /// Parks the runs whose instances were ended from outside (in the portal, or by Durable because a replay did not match): their rows
    /// would say running for ever.
    /// </summary>
    [Function("ReconcileRuns")]
    public async Task ReconcileAsync(
        [TimerTrigger("%COUNTERSIGN_RECONCILE_SCHEDULE%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        foreach (var run in await new Reconciliation(core, ledger, client, new DurableEngine(client, core.Rows, log)).RunAsync(cancellationToken))
        {
            LogParked(log, run.Id, run.Tenant);
        }
    }

    /// <summary>Deletes the histories of instances that ended <see cref="HostSettings.HistoryKept"/> ago.</summary>
    [Function("PurgeHistory")]
    public async Task PurgeHistoryAsync(
        [TimerTrigger("%COUNTERSIGN_PURGE_SCHEDULE%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        _ = timer;
        if (await new HistoryPurge(client, core.Parts.Time, settings.HistoryKept).RunAsync(cancellationToken) is > 0 and var purged)
        {
            LogPurged(log, purged);
        }
    }

    [LoggerMessage(2, LogLevel.Information, "Purged the histories of {Count} ended instances")]
    private static partial void LogPurged(ILogger logger, int count);

    [LoggerMessage(1, LogLevel.Warning, "The instance of run {Run} of tenant {Tenant} was ended from outside; the run is parked")]
    private static partial void LogParked(ILogger logger, string run, string tenant);
}
