using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Runs another workflow as a child; it sees only the input and profile that the step declares.</summary>
internal sealed class CallWorkflowControl : StepControl<CallWorkflowStep>
{
    protected override async Task<StepResult> RunAsync(Frame frame, CallWorkflowStep step, StepRef at)
    {
        var turn = frame.Turn;
        turn.OpenChildren.Add(at.Key);
        var answer = turn.Seen(await turn.Orchestration.CallChildAsync(new ChildRequest
        {
            Step = at,
            StepId = step.Id,
            Pin = turn.Start.Pin,
            Scope = frame.Scope(step),
            Pending = frame.TakePending(),
        }));
        turn.OpenChildren.Remove(at.Key);
        turn.Effects.Called(step.Id, step.Compensate is not null, at, answer);
        if (answer.Result is CallResult.Canceled && turn.Flags.HasFlag(RunFlags.Cancel))
        {
            throw new InterpretationStopped();
        }

        frame.Record(at, EventTypes.ChildCompleted, "outcome", new LogPayload()
            .Add("error", StepEntries.Facts(answer.Error)).Add("kind", step.Kind).Add("output", answer.Value?.Hash)
            .Add("result", answer.Result.ToString()).Add("step", step.Id).Add("visit", at.Visit));
        return answer.Result switch
        {
            CallResult.Succeeded => StepResult.Go(step.Next, answer.Value),
            CallResult.Canceled => StepResult.Fail(new()
            {
                Type = "child.canceled",
                Title = "The called workflow was canceled",
                Detail = $"The run that step '{step.Id}' called was canceled.",
                Instance = $"{turn.Orchestration.Run.Id}/{at.VisitKey}",
            }),
            _ => StepResult.Fail(answer.Error!),
        };
    }
}
