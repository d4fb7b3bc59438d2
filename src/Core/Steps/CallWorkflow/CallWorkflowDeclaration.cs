using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="CallWorkflowStep"/>.</summary>
internal static class CallWorkflowDeclaration
{
    public static StepKind Kind { get; } = new StepKind<CallWorkflowStep>(
        "call_workflow",
        "Runs another workflow as a child.",
        StepTraits.TimeLimit | StepTraits.Effects | StepTraits.Compensation,
        () => new CallWorkflowStep(),
        shape => shape
            .Required("workflow", TextType.WorkflowName, s => s.Workflow, (s, v) => s with { Workflow = v }, "Name of the workflow.")
            .Optional("version", VersionRangeType.Instance, s => s.Version, (s, v) => s with { Version = v }, "Which versions are accepted; left out, the newest release.")
            .Optional("input", TemplateType.Any, s => s.Input, (s, v) => s with { Input = v }, "The child's input.")
            .Optional("profile", TemplateType.Object, s => s.Profile, (s, v) => s with { Profile = v }, "Overrides of the child's `context.profile`: all that it sees of this run's context."));
}
