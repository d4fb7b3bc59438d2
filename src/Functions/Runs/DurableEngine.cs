using Countersign.Orchestration;
using Grpc.Core;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>Starts and wakes runs as instances of the task hub.</summary>
public sealed class DurableEngine(DurableTaskClient client, RunRows rows, ILogger log) : IEngine
{
    /// <inheritdoc/>
    public async Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default)
    {
        // A new instance under the id of a finished one would take its place in the hub: only what was never claimed is started.
        if (await rows.FindAsync(run, cancellationToken) is not { Run.Status: RunStatus.Queued })
        {
            return;
        }

        await ScheduleAsync(run, resumes: false, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.RaiseEventAsync(Names.Instance(run), Names.Event(wait), null, cancellationToken);
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            // No instance, or an ended one, hears nothing; and the sweep makes up for every other loss.
            Pokes.Lost(log, run.Tenant, run.Id, error.StatusCode, null);
        }

        if (wait is null)
        {
            await ReviveAsync(run, cancellationToken);
        }
    }

    /// <summary>
    /// Tells the run that called this one to look how it ended. A run whose instance was replaced has no caller in the task hub: its end reaches the
    /// other run by this event alone, so an event that cannot be sent fails.
    /// </summary>
    /// <exception cref="RpcException">The task hub cannot be reached; to be repeated.</exception>
    public async Task TellCallerAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        if (await rows.FindAsync(run, cancellationToken) is not { Run: { Parent: { } parent, ParentCall: { } call } })
        {
            return;
        }

        try
        {
            await client.RaiseEventAsync(Names.Instance(new RunIdentity(run.Tenant, parent)), Names.Event(call), null, cancellationToken);
        }
        catch (RpcException gone) when (gone.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            // The other run's instance has ended; the one that takes its place reads the row.
        }
    }

    // A run that was parked and may go on has no instance any more, nor has one whose instance was ended from outside, or purged.
    private async Task ReviveAsync(RunIdentity run, CancellationToken cancellationToken)
    {
        if (await rows.FindAsync(run, cancellationToken) is { Run.Status: RunStatus.Running }
            && await client.GetInstanceAsync(Names.Instance(run), cancellationToken) is not { RuntimeStatus:
                OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Suspended }
            && await rows.FindAsync(run, cancellationToken) is { Run.Status: RunStatus.Running })
        {
            await ScheduleAsync(run, resumes: true, cancellationToken);
        }
    }

    private async Task ScheduleAsync(RunIdentity run, bool resumes, CancellationToken cancellationToken)
    {
        var id = Names.Instance(run);
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                Names.RunWorkflow,
                new RunInput(run.Tenant, run.Id, Resumes: resumes, WatchesChildren: true),
                new Microsoft.DurableTask.StartOrchestrationOptions(id),
                cancellationToken);
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            if (await client.GetInstanceAsync(id, cancellationToken) is null)
            {
                throw;
            }

            // It is started already; the claim sees to it that it runs once.
        }
    }

    private static class Pokes
    {
        public static readonly Action<ILogger, string, string, StatusCode, Exception?> Lost = LoggerMessage.Define<string, string, StatusCode>(
            LogLevel.Debug, new EventId(1, "PokeLost"), "A poke to run {Run} of tenant {Tenant} was lost: {Status}");
    }
}
