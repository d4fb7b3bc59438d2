using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Waits for approvers. Time never approves.</summary>
internal sealed class ApprovalControl : StepControl<ApprovalStep>
{
    protected override async Task<StepResult> RunAsync(Frame frame, ApprovalStep step, StepRef at)
    {
        var answer = await Waiting.ForAsync(frame, step, at);
        return answer.Result switch
        {
            CallResult.Succeeded => StepResult.Go(step.Next, answer.Value),
            CallResult.Rejected => Rejected(frame, step, at, answer.Value, "An approver rejected it."),
            CallResult.Expired when step.OnTimeout.Kind is TimeoutActionKind.Reject => Rejected(frame, step, at, null, "Nobody decided in time, which counts as a rejection here."),
            CallResult.Expired => Waiting.Expired(frame, step, at, step.OnTimeout, "approval"),
            _ => StepResult.Fail(answer.Error!),
        };
    }

    private static StepResult Rejected(Frame frame, ApprovalStep step, StepRef at, RunValue? decision, string detail) => step.OnReject is { } target
        ? decision is null ? StepResult.GoWithoutOutput(target) : StepResult.Go(target, decision)
        : StepResult.Fail(new()
        {
            Type = "approval.rejected",
            Title = "The approval was refused",
            Detail = detail,
            Status = 403,
            Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
        });
}
