using System.Collections.Immutable;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>Undoes what completed, newest first. One compensation that fails does not keep the others from being tried.</summary>
internal static class Compensator
{
    /// <summary>Undoes all that a frame has to undo.</summary>
    /// <returns>What could not be undone, newest first.</returns>
    public static async Task<ImmutableArray<FailedCompensation>> RunAsync(Frame frame)
    {
        var failed = ImmutableArray.CreateBuilder<FailedCompensation>();
        for (var i = frame.Compensations.Count - 1; i >= 0; i--)
        {
            var compensation = frame.Compensations[i];
            var answer = await CompensateAsync(frame, compensation);
            if (answer.Result is not CallResult.Succeeded)
            {
                failed.Add(FailedCompensation.Of(compensation, answer));
            }
        }

        frame.Compensations.Clear();
        return failed.DrainToImmutable();
    }

    private static async Task<CallAnswer> CompensateAsync(Frame frame, Compensation compensation)
    {
        var step = frame.Turn.Definition.FindStep(compensation.StepId)!.Compensate!;
        var at = new StepRef(compensation.Path + Definition.CompensationSuffix, compensation.Visit, 1);
        if (step is CallWorkflowStep)
        {
            var answer = frame.Turn.Seen(await frame.Turn.Orchestration.CallChildAsync(new ChildRequest
            {
                Step = at,
                StepId = compensation.StepId,
                Pin = frame.Turn.Start.Pin,
                Scope = compensation.Scope,
                Pending = frame.TakePending(),
                Compensating = true,
            }));
            frame.Turn.Effects.Called(compensation.StepId + Definition.CompensationSuffix, false, at, answer);
            frame.Record(at, answer.Result is CallResult.Succeeded ? EventTypes.StepCompensated : EventTypes.StepFailed, "outcome", new LogPayload()
                .Add("error", StepEntries.Facts(answer.Error)).Add("kind", step.Kind).Add("output", answer.Value?.Hash)
                .Add("result", answer.Result.ToString()).Add("step", compensation.StepId).Add("visit", at.Visit));
            await frame.BoundAsync();
            return answer;
        }

        // The outcome, good or bad, is in the log as step.compensated or step.failed.
        return await ExecutorControl.AttemptAsync(frame, step, at, compensation.Scope, compensating: true);
    }
}
