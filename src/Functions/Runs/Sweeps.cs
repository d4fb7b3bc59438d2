using System.Text.Json;
using Countersign.Composition;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>What is done by the clock. The host runs each of them in one place at a time.</summary>
public sealed partial class Sweeps(CoreServices core, ILogger<Sweeps> log)
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
        var park = new ParkRun(core.Parts.Ledger, core.Rows, core.Parts.Time);
        var ended = client.GetAllInstancesAsync(new OrchestrationQuery
        {
            Statuses = [OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated],
            FetchInputsAndOutputs = true,
            PageSize = 100,
        });
        await foreach (var instance in ended.WithCancellation(cancellationToken))
        {
            if (instance.Name == Names.RunWorkflow && InputOf(instance) is { } input)
            {
                await park.RunAsync(new RunIdentity(input.Tenant, input.Run), new RunFaultException($"instance-{instance.RuntimeStatus}"), cancellationToken);
            }
        }
    }

    private RunInput? InputOf(OrchestrationMetadata instance)
    {
        try
        {
            return instance.ReadInputAs<RunInput>();
        }
        catch (JsonException error)
        {
            LogUnreadable(log, instance.InstanceId, error);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Instance {Instance} has an input that is not of a run")]
    private static partial void LogUnreadable(ILogger logger, string instance, Exception error);
}
