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
        var (audience, claims) = Audiences.Render(step.Approvers, execution.Scope);
        var (escalateTo, further) = Audiences.Render(step.Escalate?.To, execution.Scope);
        Audiences.CheckQuorum(step.Quorum, audience!, escalateTo);
        return new WaitTerms
        {
            Kind = WaitKind.Approval,
            Deadline = now + step.Expires,
            Remind = now + step.Remind,
            Escalate = now + step.Escalate?.After,
            EscalateTo = escalateTo,
            Audience = audience,
            Claims = [.. claims, .. further],
            Quorum = step.Quorum,
            AllowRequester = step.AllowRequester,
            MayDelegate = step.Delegate,
            ReasonRequired = step.ReasonRequired,
            Shown = (step.Show ?? ApprovalStep.WholeInput).Render(execution.Scope),
        };
    }
}
