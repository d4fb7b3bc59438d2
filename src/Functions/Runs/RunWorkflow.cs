using System.Text.Json;
using Countersign.Composition;
using Countersign.Functions.Hosting;
using Countersign.Language;
using Countersign.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Countersign.Functions.Runs;

/// <summary>The orchestrator: a run of a workflow, also as the child of another.</summary>
public sealed class RunWorkflow(CoreServices core, HostSettings settings)
{
    /// <summary>Runs a workflow from its start, or from the state that it handed over.</summary>
    [Function(Names.RunWorkflow)]
    public async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var input = context.GetInput<RunInput>()!;
        var run = new RunIdentity(input.Tenant, input.Run);
        using var orchestration = new DurableOrchestration(context, run, settings.ContinueAsNewAfter);
        try
        {
            if ((input.Claim ?? await orchestration.ClaimAsync(input.Resumes)) is { } claim
                && await InterpretAsync(orchestration, claim, input.State) is { } state)
            {
                context.ContinueAsNew(
                    input with { Claim = claim, State = JsonSerializer.SerializeToElement(state, OrchestrationJson.Default.InterpreterState) },
                    preserveUnprocessedEvents: true);
            }
        }
        catch (Exception cause)
        {
            // What the run was answered is in the ledger; nothing is lost when this instance ends. Another takes its place once the run is
            // let go on, with a history of its own: this one may be of another interpreter.
            await orchestration.ParkAsync(cause);
        }
    }

    private async Task<InterpreterState?> InterpretAsync(DurableOrchestration orchestration, ClaimedRun claim, JsonElement? state)
    {
        var start = claim.Start.Deserialize(OrchestrationJson.Default.RunStart)!;
        orchestration.Begin(start);
        var result = await Interpreter.RunAsync(
            orchestration,
            DefinitionOf(start.Pin.Definition, claim.Definition),
            start,
            state?.Deserialize(OrchestrationJson.Default.InterpreterState));
        return result.ContinueWith;
    }

    // The same bytes under the same hash on every replay, whether they were read before or not.
    private Definition DefinitionOf(string hash, JsonElement content)
    {
        if (core.Workflows.FindLoaded(hash) is { } loaded)
        {
            return loaded;
        }

        var read = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes(content, MessageJson.Default.JsonElement)).Definition;
        return read?.Hash == hash ? core.Workflows.Remember(read) : throw new RunFaultException("definition-changed");
    }
}
