using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="FailStep"/>.</summary>
internal static class FailDeclaration
{
    public static StepKind Kind { get; } = new StepKind<FailStep>(
        "fail",
        "Ends the block with an error of the workflow's own.",
        StepTraits.Ends,
        () => new FailStep(),
        shape => shape
            .Required("error", TextType.ErrorType, s => s.Error, (s, v) => s with { Error = v }, "Error type, which `catch` around the block can name.")
            .Optional("title", TextType.Prose, s => s.Title, (s, v) => s with { Title = v }, "Short text for people, the same every time; left out, the type.")
            .Optional("detail", TemplateType.Text, s => s.Detail, (s, v) => s with { Detail = v }, "What happened this time."));
}
