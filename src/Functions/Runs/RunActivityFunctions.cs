using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Ledger;
using Countersign.Orchestration;
using Grpc.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>The activities: one function for each kind of side effect. Each may be delivered more than once, under another nonce each time.</summary>
public sealed partial class RunActivityFunctions(CoreServices core, ILogger<RunActivityFunctions> log)
{
    /// <summary>Executes a step that asks a model.</summary>
    [Function(Names.GenerateText)]
    public Task<CallOutput> GenerateTextAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        ExecuteAsync(input, client, cancellationToken);

    /// <summary>Executes a step that calls an HTTP interface.</summary>
    [Function(Names.CallApi)]
    public Task<CallOutput> CallApiAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        ExecuteAsync(input, client, cancellationToken);

    /// <summary>Executes a step without outside effects of its own, and evaluates what the orchestrator cannot.</summary>
    [Function(Names.RunStep)]
    public Task<CallOutput> RunStepAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        ExecuteAsync(input, client, cancellationToken);

    /// <summary>Opens a wait, and looks at once whether it is closed already.</summary>
    [Function(Names.OpenWait)]
    public Task<CallOutput> OpenWaitAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.WaitRequest, async (activities, delivery, request) =>
        {
            var (deadline, answer) = await activities.Open.RunAsync(delivery, request, cancellationToken);
            await AdmitNextAsync(input, client, cancellationToken);
            return answer is not null
                ? Output(answer)
                : Output(await activities.Check.RunAsync(delivery, request, cancellationToken)) with { Deadline = deadline };
        });

    /// <summary>Looks at a wait.</summary>
    [Function(Names.CheckWait)]
    public Task<CallOutput> CheckWaitAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.WaitRequest, async (activities, delivery, request) =>
            Output(await activities.Check.RunAsync(delivery, request, cancellationToken)));

    /// <summary>Commits a child run.</summary>
    [Function(Names.StartChild)]
    public Task<CallOutput> StartChildAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.ChildRequest, async (activities, delivery, request) =>
        {
            var (child, failure) = await activities.Children.StartAsync(delivery, request, cancellationToken);
            if (failure is not null)
            {
                return Output(failure);
            }

            // An instance under the id of one that is at work would take its place.
            var row = (await core.Rows.ReadAsync(child!, cancellationToken)).Run;
            return row.Status is RunStatus.Queued ? new CallOutput { Child = row.Id } : new CallOutput();
        });

    /// <summary>Looks how a child ended.</summary>
    [Function(Names.ReadChild)]
    public Task<CallOutput> ReadChildAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.ChildRequest, async (activities, delivery, request) =>
            Output(await activities.Children.CheckAsync(delivery, request, cancellationToken)));

    /// <summary>Closes waits and cancels children that are no longer needed.</summary>
    [Function(Names.Withdraw)]
    public Task<CallOutput> WithdrawAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.WithdrawRequest, async (activities, delivery, request) =>
            Output(await activities.Withdraw.RunAsync(delivery, request, cancellationToken)));

    /// <summary>Commits the end of the run.</summary>
    [Function(Names.EndRun)]
    public Task<CallOutput> EndRunAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.EndRequest, async (activities, delivery, request) =>
        {
            var answer = await activities.End.RunAsync(delivery, request, cancellationToken);
            await AdmitNextAsync(input, client, cancellationToken);
            if (input.Resumed && answer.Result is CallResult.Succeeded)
            {
                await new DurableEngine(client, core.Rows, log).TellCallerAsync(delivery.Run, cancellationToken);
            }

            return Output(answer);
        });

    /// <summary>Claims a queued run.</summary>
    [Function(Names.ClaimRun)]
    public Task<CallOutput> ClaimRunAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, MessageJson.Default.ClaimRequest, async (activities, delivery, request) =>
        {
            var taken = request.Resumes && await core.Rows.FindAsync(delivery.Run, cancellationToken) is { Run: { Status: RunStatus.Running } row }
                ? ClaimRun.StartOf(row)
                : await activities.Claim.RunAsync(delivery with { Nonce = request.Nonce }, cancellationToken);
            if (taken is not { } start)
            {
                await AdmitNextAsync(input, client, cancellationToken);
                return new CallOutput();
            }

            var definition = await core.Workflows.LoadAsync(input.Tenant, start.Pin.Definition, cancellationToken);
            return new CallOutput
            {
                Claim = new ClaimedRun(
                    JsonSerializer.SerializeToElement(start, OrchestrationJson.Default.RunStart), JsonElement.Parse(definition.Canonical.Span)),
            };
        });

    /// <summary>Reads what was asked of the run.</summary>
    [Function(Names.ReadFlags)]
    public Task<CallOutput> ReadFlagsAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, MessageJson.Default.String, async (_, delivery, key) => Output(new CallAnswer
        {
            Key = key,
            Result = CallResult.Succeeded,
            Flags = (await core.Rows.ReadAsync(delivery.Run, cancellationToken)).Run.Flags,
            At = core.Parts.Time.GetUtcNow(),
        }));

    /// <summary>Sets the run aside for an operator.</summary>
    [Function(Names.ParkRun)]
    public Task<CallOutput> ParkRunAsync([ActivityTrigger] CallInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, MessageJson.Default.ParkRequest, async (activities, delivery, request) =>
        {
            Exception cause = request.Expected is { } expected ? new ReplayMismatchException(delivery.Run, expected, request.Found!)
                : request.Refused is { } refused ? new LedgerRefusedException(refused)
                : new RunFaultException(request.Fault!);
            LogParked(log, delivery.Run.Id, delivery.Run.Tenant, cause);
            await activities.Park.RunAsync(delivery.Run, cause, request.Decided, cancellationToken);
            await AdmitNextAsync(input, client, cancellationToken);
            return new CallOutput();
        });

    private Task<CallOutput> ExecuteAsync(CallInput input, DurableTaskClient client, CancellationToken cancellationToken) =>
        CallAsync(input, client, OrchestrationJson.Default.ExecutionRequest, async (activities, delivery, request) =>
        {
            if (request.Compensating || !core.Executors.Find(request.Kind).HasOutsideEffects)
            {
                return Output(await activities.Execute.RunAsync(delivery, request, cancellationToken));
            }

            await using var watch = CancelWatch.Begin(core.Rows, delivery.Run, core.Parts.Time, log);
            return Output(await activities.Execute.RunAsync(delivery with { Abort = watch.Abort }, request, cancellationToken));
        });

    // What was just committed may have ended the run, or let it only wait: the next one of its tenant may start.
    private Task AdmitNextAsync(CallInput input, DurableTaskClient client, CancellationToken cancellationToken) =>
        core.Admission.AdmitNextAsync(input.Tenant, new DurableEngine(client, core.Rows, log), cancellationToken);

    private async Task<CallOutput> CallAsync<T>(
        CallInput input, DurableTaskClient client, JsonTypeInfo<T> type, Func<RunActivities, Delivery, T, Task<CallOutput>> call)
    {
        var run = new RunIdentity(input.Tenant, input.Run);
        try
        {
            var delivery = new Delivery { Run = run, Nonce = Guid.NewGuid().ToString("N") };
            return await call(core.Activities(new DurableEngine(client, core.Rows, log)), delivery, input.Request!.Value.Deserialize(type)!);
        }
        catch (LedgerRefusedException error)
        {
            LogFault(log, run.Id, run.Tenant, error);
            return new CallOutput { Refused = error.What };
        }
        catch (RequestFailedException error) when (StorageFaults.RefusalOf(error) is { } refused)
        {
            LogFault(log, run.Id, run.Tenant, error);
            return new CallOutput { Refused = refused.What };
        }
        catch (Exception error) when (!IsTrouble(error))
        {
            // No repetition would mend it: the run is parked, as it is on the embedded engine.
            LogFault(log, run.Id, run.Tenant, error);
            return new CallOutput { Fault = error.GetType().Name };
        }
    }

    // What passes by itself: the orchestrator repeats the activity until it has.
    private static bool IsTrouble(Exception error) => error
        is LedgerUnavailableException
        or OperationCanceledException
        or RequestFailedException
        or RpcException
        or HttpRequestException
        or IOException
        or TimeoutException;

    private static CallOutput Output(CallAnswer answer) => answer.Result is CallResult.StillOpen
        ? new CallOutput()
        : new CallOutput { Answer = JsonSerializer.SerializeToElement(answer, OrchestrationJson.Default.CallAnswer) };

    [LoggerMessage(1, LogLevel.Error, "An activity of run {Run} of tenant {Tenant} met an unforeseen error")]
    private static partial void LogFault(ILogger logger, string run, string tenant, Exception error);

    [LoggerMessage(2, LogLevel.Error, "Run {Run} of tenant {Tenant} is parked")]
    private static partial void LogParked(ILogger logger, string run, string tenant, Exception cause);
}
