using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>What a form's wait row holds.</summary>
public sealed class FormWait : IWaitKind
{
    /// <inheritdoc/>
    public string Kind => "form";

    /// <inheritdoc/>
    public WaitTerms Render(StepExecution execution, DateTimeOffset now)
    {
        var step = (FormStep)execution.Step;
        var (assignees, claims) = Audiences.Render(step.Assignees, execution.Scope);
        var (escalateTo, further) = Audiences.Render(step.Escalate?.To, execution.Scope);
        return new WaitTerms
        {
            Kind = WaitKind.Form,
            Deadline = now + step.Expires,
            Remind = now + step.Remind,
            Escalate = now + step.Escalate?.After,
            EscalateTo = escalateTo,

            // A form that names nobody is for whoever started the run.
            Audience = assignees ?? new WaitAudience(null, []),
            Claims = [.. claims, .. further],
            AllowRequester = true,
            Shown = step.Title?.Render(execution.Scope),
        };
    }
}
