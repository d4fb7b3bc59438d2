using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Waits for a form.</summary>
internal sealed class FormControl : StepControl<FormStep>
{
    protected override async Task<StepResult> RunAsync(Frame frame, FormStep step, StepRef at)
    {
        var answer = await Waiting.ForAsync(frame, step, at);
        return answer.Result switch
        {
            CallResult.Succeeded => StepResult.Go(step.Next, answer.Value),
            CallResult.Expired => Waiting.Expired(frame, step, at, step.OnTimeout, "form"),
            _ => StepResult.Fail(answer.Error!),
        };
    }
}
