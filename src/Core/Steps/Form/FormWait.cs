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
        return new WaitTerms
        {
            Kind = WaitKind.Form,
            Deadline = now + step.Expires,
            Remind = now + step.Remind,
            Escalate = now + step.Escalate?.After,
            EscalateTo = Audiences.Render(step.Escalate?.To, execution.Scope),

            // A form that names nobody is for whoever started the run.
            Audience = Audiences.Render(step.Assignees, execution.Scope) ?? new WaitAudience(null, []),
            AllowRequester = true,
            Shown = step.Title?.Render(execution.Scope),
        };
    }
}
