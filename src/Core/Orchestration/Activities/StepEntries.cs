using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The log entries of an executed step: what was intended, what came of it.</summary>
internal static class StepEntries
{
    /// <summary>The entry of an earlier execution that was cut off before its outcome was recorded.</summary>
    public static EntryDraft CutOff(RunIdentity run, ExecutionRequest request, int execution) =>
        Unknown(run, request, execution, "cut-off", StepEffect.Unknown, null);

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
        RunIdentity run, ExecutionRequest request, int execution, IStepExecutor executor, bool hadIntent, ExecutorResult result, CallAnswer answer)
    {
        var pending = hadIntent ? [] : RunLog.Pending(run, request);
        var entries = ImmutableArray.CreateBuilder<EntryDraft>(pending.Length + result.Entries.Length + 2);
        entries.AddRange(pending);

        foreach (var entry in result.Entries)
        {
            entries.Add(RunLog.Entry(run, request, request.Step.EventId(run.Id, execution, entry.Type, entry.Discriminator), entry.Type, entry.Redacted()));
        }

        if (answer.Error is { Effect: { } effect, Type: var reason })
        {
            entries.Add(Unknown(run, request, execution, "outcome-unknown", effect, reason));
        }

        // The interpreter logs what it decides from an evaluation, wherever it was evaluated: a second entry would have the same id.
        if (answer.Error is not null || executor is not EvaluateExecutor)
        {
            entries.Add(RunLog.Entry(run, request, request.Step.EventId(run.Id, execution, "outcome"), TypeOf(request, answer), Payload(request, execution, answer)));
        }

        return entries.DrainToImmutable();
    }

    /// <summary>The facts of an error, redacted; a remote side's headers and body are none.</summary>
    public static JsonElement? Facts(StepError? error) => error is null
        ? null
        : JsonElement.Parse(Redactor.Default.Redact(
            JsonSerializer.SerializeToElement(error with { Response = null, Body = null }, OrchestrationJson.Default.StepError)));

    private static EntryDraft Unknown(RunIdentity run, ExecutionRequest request, int execution, string id, StepEffect effect, string? reason) => RunLog.Entry(
        run,
        request,
        request.Step.EventId(run.Id, execution, id),
        EventTypes.StepOutcomeUnknown,
        new LogPayload()
            .Add("attempt", request.Step.Attempt)
            .Add("effect", effect is StepEffect.Happened ? "happened" : "unknown")
            .Add("execution", execution)
            .Add("kind", request.Kind)
            .Add("reason", reason)
            .Add("step", request.StepId)
            .Add("visit", request.Step.Visit)
            .ToBytes());

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
