using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="ApprovalStep"/>.</summary>
internal static class ApprovalDeclaration
{
    public static StepKind Kind { get; } = new StepKind<ApprovalStep>(
        "approval",
        "Waits until people decide.",
        StepTraits.Waits | StepTraits.Effects,
        () => new ApprovalStep(),
        shape => shape
            .Required("approvers", PolicyTypes.Audience, s => s.Approvers, (s, v) => s with { Approvers = v }, "Who may decide.")
            .Default("quorum", new IntegerType(1, 100), 1, s => s.Quorum, (s, v) => s with { Quorum = v }, "How many different people must approve. One rejection rejects.")
            .Optional("show", TemplateType.Any, s => s.Show, (s, v) => s with { Show = v }, "What the approvers see; their decision is bound to its hash. Left out, the run's input.")
            .Default("expires", DurationType.Wait, ApprovalStep.DefaultExpires, s => s.Expires, (s, v) => s with { Expires = v }, "Time until no decision is taken any more.")
            .OptionalValue("remind", DurationType.Wait, s => s.Remind, (s, v) => s with { Remind = v }, "Time after which, and then at which intervals, those who have not decided are reminded.")
            .Optional("escalate", PolicyTypes.Escalation, s => s.Escalate, (s, v) => s with { Escalate = v }, "Whom to ask in addition, and after which time.")
            .Default("delegate", FlagType.Instance, true, s => s.Delegate, (s, v) => s with { Delegate = v }, "Whether an approver may hand the decision to somebody else.")
            .Default("on_timeout", TimeoutActionType.OfApproval, TimeoutAction.Fail, s => s.OnTimeout, (s, v) => s with { OnTimeout = v }, "What happens when it expires. There is no way to say approve.")
            .Optional("on_reject", TargetType.Instance, s => s.OnReject, (s, v) => s with { OnReject = v }, "The step to go on with after a rejection; left out, the step fails with error type `approval.rejected`.")
            .Default("reason_required", FlagType.Instance, false, s => s.ReasonRequired, (s, v) => s with { ReasonRequired = v }, "Whether a decision must give a reason.")
            .Default("allow_requester", FlagType.Instance, false, s => s.AllowRequester, (s, v) => s with { AllowRequester = v }, "Lets who started the run decide as well: switches separation of duties off.")
            .Rule(Check));

    private static void Check(ApprovalStep step, Node node, ReadContext context)
    {
        PolicyTypes.CheckWithin(step.Expires, step.Remind, step.Escalate, node, context);
        if (node.Find("quorum") is { } quorum && step.Approvers.Role is null && step.Escalate?.To.Role is null && step.Quorum > NamedBy(step))
        {
            context.Problems.NewError(ProblemCodes.FieldCombination, quorum, $"{step.Quorum} people must approve, but only {NamedBy(step)} may.");
        }
    }

    // A template may come to anybody, so each counts as one person.
    private static int NamedBy(ApprovalStep step)
    {
        Template[] users = [.. step.Approvers.Users, .. step.Escalate is { } escalation ? escalation.To.Users : []];
        return users.Count(user => !user.IsConstant) + users.Where(user => user.IsConstant).Select(user => user.Source.GetString()).Distinct().Count();
    }
}
