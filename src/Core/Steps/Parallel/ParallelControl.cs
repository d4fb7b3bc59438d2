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
        var frames = step.Branches.Select(branch => frame.Inside(at, branch.Name, fan.Stop)).ToList();
        if (await fan.RunAsync(frames, [.. step.Branches.Select(branch => branch.Body)], frames.Count) is { } error)
        {
            return StepResult.Fail(error);
        }

        var names = step.Branches.Select((branch, i) => KeyValuePair.Create(branch.Name, fan.OutputOf(frames[i]) ?? Gathering.Null));
        var answer = await Gathering.ObjectAsync(frame, step, at, names);
        if (answer.Error is null)
        {
            frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
                .Add("branches", frames.Count).Add("kind", step.Kind).Add("output", answer.Value?.Hash).Add("step", step.Id).Add("visit", at.Visit));
        }

        return answer.Error is { } failed ? StepResult.Fail(failed) : StepResult.Go(step.Next, answer.Value);
    }
}
