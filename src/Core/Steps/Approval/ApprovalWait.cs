using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>What an approval's wait row holds.</summary>
public sealed class ApprovalWait : IWaitKind
{
    /// <inheritdoc/>
    public string Kind => "approval";

    /// <inheritdoc/>
    public WaitTerms Render(StepExecution execution, DateTimeOffset now)
    {
        var step = (ApprovalStep)execution.Step;
        return new WaitTerms
        {
            Kind = WaitKind.Approval,
            Deadline = now + step.Expires,
            Remind = now + step.Remind,
            Escalate = now + step.Escalate?.After,
            EscalateTo = Audiences.Render(step.Escalate?.To, execution.Scope),
            Audience = Audiences.Render(step.Approvers, execution.Scope),
            Quorum = step.Quorum,
            AllowRequester = step.AllowRequester,
            MayDelegate = step.Delegate,
            ReasonRequired = step.ReasonRequired,
            Shown = (step.Show ?? ApprovalStep.WholeInput).Render(execution.Scope),
        };
    }
}
