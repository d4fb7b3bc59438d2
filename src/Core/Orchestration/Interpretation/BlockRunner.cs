using System.Text.Json;
using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Walks the steps of a block from its start, or from where a state says, to its end.</summary>
internal static class BlockRunner
{
    /// <summary>Runs a block to its end.</summary>
    /// <returns>The error that nobody caught; null where the block ended well.</returns>
    /// <exception cref="InterpretationStopped">The run is to be canceled, or a sibling failed.</exception>
    public static async Task<StepError?> RunAsync(Frame frame, string? first, Func<string, bool>? handOver = null)
    {
        var next = first;
        while (next is not null)
        {
            await frame.Turn.GateAsync(frame);
            if (frame.Stop is { IsRequested: true })
            {
                throw new InterpretationStopped();
            }

            if (handOver is not null && handOver(next))
            {
                return null;
            }

            var step = frame.Turn.Definition.FindStep(next)!;
            var at = frame.Visit(step);
            if (!frame.Turn.EnterStep())
            {
                // Not to be caught: a step that catches it could continue without end.
                return TooManySteps(frame, step, at);
            }

            var result = at.Visit <= step.MaxVisits.GetValueOrDefault(int.MaxValue)
                ? await StepAsync(frame, step, at)
                : StepResult.Fail(TooManyVisits(frame, step, at));
            if (result.Error is { } error)
            {
                UndoLater(frame, step, at, error);
                if (error.Type == StepErrors.CanceledCode)
                {
                    // No failure of the step's own: nothing catches it, and the run ends as canceled.
                    throw new InterpretationStopped();
                }

                if (CatchOf(step, error) is not { } caught)
                {
                    return error;
                }

                frame.Errors[step.Id] = Value(error);
                next = caught.Goto;
            }
            else
            {
                Complete(frame, step, at, result);
                next = result.Next;
            }

            await frame.BoundAsync();
        }

        return null;
    }

    private static async Task<StepResult> StepAsync(Frame frame, Step step, StepRef at)
    {
        try
        {
            return await StepControls.For(step).RunAsync(frame, step, at);
        }
        catch (InterpretationStopped stopped) when (stopped.Failed is not null)
        {
            UndoLater(frame, step, at, stopped.Failed);
            throw new InterpretationStopped();
        }
    }

    private static void Complete(Frame frame, Step step, StepRef at, StepResult result)
    {
        if (result.HasNoOutput && frame.Turn.Start.Pin.KnowsAbsentOutputs)
        {
            // That of an earlier visit is not the output of this one. Nothing was done, so nothing is undone.
            frame.Outputs.Remove(step.Id);
            frame.LastOutput = NoOutput;
            return;
        }

        frame.Outputs[step.Id] = result.Output ?? NoOutput;
        frame.LastOutput = frame.Outputs[step.Id].Bare;
        frame.Turn.Effects.Acted(step, at);
        if (step.Compensate is { } compensate)
        {
            frame.Compensations.Add(new Compensation(step.Id, at.Path, at.Visit, frame.Scope(compensate)));
        }
    }

    // The remote side did it, and only its answer could not be used: it is undone like what completed. The step has no output, not even
    // that of an earlier visit; what is known of the answer is in its error.
    private static void UndoLater(Frame frame, Step step, StepRef at, StepError error)
    {
        if (error.Effect is StepEffect.Happened && step.Compensate is null)
        {
            frame.Turn.Effects.Acted(step, at);
        }

        if (error.Effect is not StepEffect.Happened || step.Compensate is not { } compensate || StepControls.For(step) is not ExecutorControl)
        {
            return;
        }

        frame.Errors[step.Id] = Value(error);
        var scope = frame.Scope(compensate);
        frame.Compensations.Add(new Compensation(step.Id, at.Path, at.Visit, scope with { Steps = scope.Steps.Remove(step.Id) }));
    }

    private static RunValue Value(StepError error) => RunValues.Inline(JsonSerializer.SerializeToElement(error, OrchestrationJson.Default.StepError));

    private static StepError TooManySteps(Frame frame, Step step, StepRef at) => Fail(frame, step, at, new StepError
    {
        Type = "run.too-many-steps",
        Title = "The run entered steps more often than it may",
        Detail = $"Step '{step.Id}' would be the {frame.Turn.Steps}th that the run enters; limits.steps allows {frame.Turn.Start.Pin.Limits!.Steps}.",
        Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
    });

    private static StepError TooManyVisits(Frame frame, Step step, StepRef at)
    {
        return Fail(frame, step, at, new StepError
        {
            Type = "step.too-many-visits",
            Title = "A loop ran more often than it may",
            Detail = $"Step '{step.Id}' was reached for the {at.Visit}th time; max_visits allows {step.MaxVisits}.",
            Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
        });
    }

    private static StepError Fail(Frame frame, Step step, StepRef at, StepError error)
    {
        frame.Record(at, EventTypes.StepFailed, "outcome", new LogPayload()
            .Add("error", StepEntries.Facts(error)).Add("kind", step.Kind).Add("step", step.Id).Add("visit", at.Visit));
        return error;
    }

    private static CatchClause? CatchOf(Step step, StepError error) => step.Catch.FirstOrDefault(clause => clause.Catches(error.Type));

    private static readonly RunValue NoOutput = RunValues.Inline(System.Text.Json.JsonElement.Parse("null"u8));
}
