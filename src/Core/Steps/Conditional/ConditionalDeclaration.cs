using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="ConditionalStep"/>.</summary>
internal static class ConditionalDeclaration
{
    public static StepKind Kind { get; } = new StepKind<ConditionalStep>(
        "conditional",
        "Goes one way or the other.",
        StepTraits.None,
        () => new ConditionalStep(),
        shape => shape
            .Required("when", ExpressionType.Condition, s => s.When, (s, v) => s with { When = v }, "The condition; must yield a boolean.")
            .Optional("then", TargetType.Instance, s => s.Then, (s, v) => s with { Then = v }, "The step to go on with when it holds; left out, `next`.")
            .Optional("else", TargetType.Instance, s => s.Else, (s, v) => s with { Else = v }, "The step to go on with when it does not; left out, `next`.")
            .Rule(Check));

    private static void Check(ConditionalStep step, Node node, ReadContext context)
    {
        if (step.Then is null && step.Else is null)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "A condition without 'then' and 'else' decides nothing.");
        }

        if (!step.FallsThrough && node.Find("next") is { } next)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, next, "'next' is never taken: 'then' and 'else' are both there.");
        }
    }
}
