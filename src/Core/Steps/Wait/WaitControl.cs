using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Waits for a time or an event.</summary>
internal sealed class WaitControl : StepControl<WaitStep>
{
    protected override async Task<StepResult> RunAsync(Frame frame, WaitStep step, StepRef at)
    {
        var answer = await Waiting.ForAsync(frame, step, at);
        return answer.Result switch
        {
            CallResult.Succeeded => StepResult.Go(step.Next, answer.Value),
            CallResult.Expired => Waiting.Expired(frame, step, at, step.Event!.OnTimeout, "wait"),
            _ => StepResult.Fail(answer.Error!),
        };
    }
}
