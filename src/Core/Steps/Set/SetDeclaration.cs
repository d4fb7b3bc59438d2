using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="SetStep"/>.</summary>
internal static class SetDeclaration
{
    public static StepKind Kind { get; } = new StepKind<SetStep>(
        "set",
        "Writes values into `context.runtime`.",
        StepTraits.Compensation | StepTraits.Effects | StepTraits.Runtime,
        () => new SetStep(),
        shape => shape
            .Required("values", TemplateType.LiteralObject, s => s.Values, (s, v) => s with { Values = v }, "Names and their values: `context.runtime.<name>`. All are evaluated before the first is written."));
}
