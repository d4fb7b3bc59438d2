using System.Collections.Immutable;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>
/// Reads a definition and decides the next thing. Deterministic: the same definition and the same answers lead to the same calls,
/// in the same order, for ever.
/// </summary>
public static class Interpreter
{
    /// <summary>Interprets a run from its start, or from a state that an earlier interpretation handed over, to its end.</summary>
    /// <param name="orchestration">What it may do.</param>
    /// <param name="definition">What the run is pinned to.</param>
    /// <param name="start">What the run starts with.</param>
    /// <param name="state">Where to go on; null at the beginning.</param>
    /// <exception cref="ReplayMismatchException">The history is not one of this definition and interpreter.</exception>
    public static Task<InterpreterResult> RunAsync(
        IOrchestration orchestration, Language.Definition definition, RunStart start, InterpreterState? state = null) =>
        RunAsync(Open(orchestration, definition, start, state), state);

    /// <summary>The frame of the body of a run, for whoever wants to look into it.</summary>
    internal static Frame Open(IOrchestration orchestration, Language.Definition definition, RunStart start, InterpreterState? state) =>
        new(new RunTurn(orchestration, definition, start, state?.Calls, new OpenEffects(state?.NotUndone ?? [], state?.Standing ?? [])), state);

    /// <summary>Interprets the body of a run in its frame.</summary>
    internal static async Task<InterpreterResult> RunAsync(Frame frame, InterpreterState? state)
    {
        StepError? error;
        try
        {
            string? handedOver = null;
            error = await BlockRunner.RunAsync(frame, state is null ? frame.Turn.Definition.Body.Start : state.Next, next => TakeOver(frame, next, ref handedOver));
            if (handedOver is not null)
            {
                return new InterpreterResult(null, StateOf(frame, handedOver));
            }
        }
        catch (InterpretationStopped)
        {
            return await CancelAsync(frame, attempt: 1);
        }

        return error is null ? await CompleteAsync(frame) : await UnwindAsync(frame, RunStatus.Failed, error, attempt: 1);
    }

    private static bool TakeOver(Frame frame, string next, ref string? handedOver)
    {
        if (!frame.Turn.Orchestration.ShouldContinueAsNew || frame.HasPending)
        {
            return false;
        }

        handedOver = next;
        return true;
    }

    private static InterpreterState StateOf(Frame frame, string next) => new()
    {
        Next = next,
        Outputs = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Outputs),
        Errors = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Errors),
        LastOutput = frame.LastOutput,
        Visits = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Visits),
        Calls = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Calls)
            .SetItem(RunTurn.Hold, frame.Turn.Holds).SetItem(RunTurn.StepCount, frame.Turn.Steps).SetItem(RunTurn.ItemCount, frame.Turn.Items),
        Runtime = frame.Runtime,
        Compensations = [.. frame.Compensations],
        NotUndone = Some(frame.Turn.Effects.NotUndone),
        Standing = Some(frame.Turn.Effects.Standing),
    };

    private static async Task<InterpreterResult> CompleteAsync(Frame frame)
    {
        var turn = frame.Turn;
        var output = frame.LastOutput;
        if (turn.Definition.Body.Output is { } template)
        {
            var rendered = await frame.EvaluateAsync(
                new StepRef("$output", 1, 1), "", EvaluateExecutor.RunOutput, frame.Scope(template), template.Render);
            if (rendered.Error is { } error)
            {
                return await UnwindAsync(frame, RunStatus.Failed, error, attempt: 1);
            }

            output = rendered.Value;
        }

        var end = await EndAsync(frame, RunStatus.Completed, output, null, attempt: 1);
        return end.Result is CallResult.Lost ? await CancelAsync(frame, attempt: 2) : new InterpreterResult(RunStatus.Completed, null) { Answer = end with { Value = output } };
    }

    private static Task<InterpreterResult> CancelAsync(Frame frame, int attempt) => UnwindAsync(frame, RunStatus.Canceled, null, attempt);

    private static async Task<InterpreterResult> UnwindAsync(Frame frame, RunStatus status, StepError? error, int attempt)
    {
        frame.Turn.Unwinding = true;
        var failed = await Compensator.RunAsync(frame);
        var end = await EndAsync(frame, status, null, error, attempt, failed);
        if (end.Result is CallResult.Lost)
        {
            // A cancel came while the failed run was being compensated: there is nothing left to compensate.
            status = RunStatus.Canceled;
            end = await EndAsync(frame, status, null, error, attempt + 1, failed);
        }

        return new InterpreterResult(status, null) { Answer = end with { Error = error } };
    }

    private static async Task<CallAnswer> EndAsync(
        Frame frame, RunStatus status, RunValue? output, StepError? error, int attempt, ImmutableArray<FailedCompensation> failed = default) =>
        frame.Turn.Seen(await frame.Turn.Orchestration.EndAsync(new EndRequest
        {
            Step = new StepRef("$end", 1, attempt),
            StepId = "",
            Pin = frame.Turn.Start.Pin,
            Pending = frame.TakePending(),
            Status = status,
            Output = output,
            Error = error,
            NotUndone = Some([.. failed.IsDefault ? [] : failed, .. frame.Turn.Effects.NotUndone]),
            Standing = Some(frame.Turn.Effects.Standing),
        }));

    private static ImmutableArray<FailedCompensation>? Some(ImmutableArray<FailedCompensation> effects) => effects.IsEmpty ? null : effects;
}
