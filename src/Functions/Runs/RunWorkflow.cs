using System.Text.Json;
using Countersign.Composition;
using Countersign.Functions.Hosting;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Countersign.Functions.Runs;

/// <summary>The orchestrator: a run of a workflow, also as the child of another.</summary>
public sealed class RunWorkflow(CoreServices core, HostSettings settings)
{
    /// <summary>Runs a workflow from its start, or from the state that it handed over.</summary>
    /// <returns>How the run ended; null where it continues in a new history.</returns>
    /// <exception cref="RunNotCompletedException">The run failed or is parked, so that the instance is Failed too.</exception>
    [Function(Names.RunWorkflow)]
    public async Task<RunOutcome?> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var input = context.GetInput<RunInput>()!;
        var run = new RunIdentity(input.Tenant, input.Run);
        using var orchestration = new DurableOrchestration(context, run, input, settings.ContinueAsNewAfter);
        InterpreterResult ended;
        try
        {
            if ((input.Claim ?? await orchestration.ClaimAsync()) is not { } claim)
            {
                return new RunOutcome("other");
            }

            ended = await InterpretAsync(orchestration, claim, input.State);
            if (ended.ContinueWith is { } state)
            {
                context.ContinueAsNew(
                    input with { Claim = claim, State = JsonSerializer.SerializeToElement(state, OrchestrationJson.Default.InterpreterState) },
                    preserveUnprocessedEvents: true);
                return null;
            }
        }
        catch (Exception cause)
        {
            // What the run was answered is in the ledger; nothing is lost when this instance ends. Another takes its place once the run is
            // let go on, with a history of its own: this one may be of another interpreter.
            await orchestration.ParkAsync(cause);
            throw new RunNotCompletedException("parked", CodeOf(cause));
        }

        return ended.Status is RunStatus.Failed
            ? throw new RunNotCompletedException("failed", ended.Answer?.Error?.Type ?? "unknown")
            : new RunOutcome(ended.Status is RunStatus.Canceled ? "canceled" : "completed");
    }

    private static string CodeOf(Exception cause) => cause switch
    {
        ReplayMismatchException => "run.replay-mismatch",
        LedgerRefusedException refused => $"{LedgerRefusedException.ErrorCode}, {refused.What}",
        RunFaultException fault => fault.Kind,
        _ => cause.GetType().Name,
    };

    private async Task<InterpreterResult> InterpretAsync(DurableOrchestration orchestration, ClaimedRun claim, JsonElement? state)
    {
        var start = claim.Start.Deserialize(OrchestrationJson.Default.RunStart)!;
        orchestration.Begin(start);
        return await Interpreter.RunAsync(
            orchestration,
            DefinitionOf(start.Pin.Definition, claim.Definition),
            start,
            state?.Deserialize(OrchestrationJson.Default.InterpreterState));
    }

    // The same bytes under the same hash on every replay, whether they were read before or not.
    private Definition DefinitionOf(string hash, JsonElement content)
    {
        if (core.Workflows.FindLoaded(hash) is { } loaded)
        {
            return loaded;
        }

        var read = DefinitionReader.ReadStored(JsonSerializer.SerializeToUtf8Bytes(content, MessageJson.Default.JsonElement)).Definition;
        return read?.Hash == hash ? core.Workflows.Remember(read) : throw new RunFaultException("definition-changed");
    }
}
