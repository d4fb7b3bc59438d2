using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Runs branches side by side and joins them; its output has each branch's output under its name.</summary>
internal sealed class ParallelControl : StepControl<ParallelStep>
{
    protected override async Task<StepResult> RunAsync(Frame frame, ParallelStep step, StepRef at)
    {
        await frame.FlushAsync();
        var fan = new FanOut(frame, step, at, step.OnFailure);
        FanOut.Lane Open(int i) => new(frame.Inside(at, step.Branches[i].Name, fan.Stop), step.Branches[i].Body);
        if (await fan.RunAsync(step.Branches.Length, Open, step.Branches.Length) is { } error)
        {
            return StepResult.Fail(error);
        }

        var names = step.Branches.Zip(fan.Outputs, (branch, output) => KeyValuePair.Create(branch.Name, output));
        var answer = await Gathering.ObjectAsync(frame, step, at, names);
        if (answer.Error is null)
        {
            frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
                .Add("branches", step.Branches.Length).Add("kind", step.Kind).Add("output", answer.Value?.Hash).Add("step", step.Id).Add("visit", at.Visit));
        }

        return answer.Error is { } failed ? StepResult.Fail(failed) : StepResult.Go(step.Next, answer.Value);
    }
}
