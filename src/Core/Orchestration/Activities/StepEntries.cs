using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The log entries of an executed step: what was intended, what came of it.</summary>
internal static class StepEntries
{
    public static EntryDraft Intent(RunIdentity run, ExecutionRequest request, int execution) => RunLog.Entry(
        run,
        request,
        request.Step.EventId(run.Id, execution, "intent"),
        EventTypes.StepStarted,
        new LogPayload()
            .Add("attempt", request.Step.Attempt)
            .Add("execution", execution)
            .Add("kind", request.Kind)
            .Add("step", request.StepId)
            .Add("visit", request.Step.Visit)
            .ToBytes());

    public static ImmutableArray<EntryDraft> Outcome(
        RunIdentity run, ExecutionRequest request, int execution, IStepExecutor executor, ExecutorResult result, CallAnswer answer)
    {
        var pending = executor.HasOutsideEffects ? [] : RunLog.Pending(run, request);
        var entries = ImmutableArray.CreateBuilder<EntryDraft>(pending.Length + result.Entries.Length + 1);
        entries.AddRange(pending);

        foreach (var entry in result.Entries)
        {
            entries.Add(RunLog.Entry(run, request, request.Step.EventId(run.Id, execution, entry.Type, entry.Discriminator), entry.Type, entry.Redacted()));
        }

        // The interpreter logs what it decides from an evaluation, wherever it was evaluated: a second entry would have the same id.
        if (answer.Error is not null || executor is not EvaluateExecutor)
        {
            entries.Add(RunLog.Entry(run, request, request.Step.EventId(run.Id, execution, "outcome"), TypeOf(request, answer), Payload(request, execution, answer)));
        }

        return entries.DrainToImmutable();
    }

    /// <summary>The facts of an error, redacted.</summary>
    public static JsonElement? Facts(StepError? error) => error is null
        ? null
        : JsonElement.Parse(Redactor.Default.Redact(JsonSerializer.SerializeToElement(error, OrchestrationJson.Default.StepError)));

    private static string TypeOf(ExecutionRequest request, CallAnswer answer) => answer.Result switch
    {
        CallResult.Succeeded when request.Compensating => EventTypes.StepCompensated,
        CallResult.Succeeded => EventTypes.StepCompleted,
        _ => EventTypes.StepFailed,
    };

    private static ReadOnlyMemory<byte> Payload(ExecutionRequest request, int execution, CallAnswer answer) => new LogPayload()
        .Add("attempt", request.Step.Attempt)
        .Add("error", Facts(answer.Error))
        .Add("execution", execution)
        .Add("kind", request.Kind)
        .Add("output", answer.Value?.Hash)
        .Add("step", request.StepId)
        .Add("visit", request.Step.Visit)
        .ToBytes();
}
