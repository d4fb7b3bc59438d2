using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="EmitStep"/>.</summary>
internal static class EmitDeclaration
{
    public static StepKind Kind { get; } = new StepKind<EmitStep>(
        "emit",
        "Writes an event of the workflow's own to the log.",
        StepTraits.Effects | StepTraits.Compensation,
        () => new EmitStep(),
        shape => shape
            .Required("event", TextType.CustomEvent, s => s.Event, (s, v) => s with { Event = v }, "Type of the event, such as `custom.invoice.paid`.")
            .Optional("data", TemplateType.Any, s => s.Data, (s, v) => s with { Data = v }, "The event's data."));
}
