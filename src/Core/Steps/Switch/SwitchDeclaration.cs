using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="SwitchStep"/>.</summary>
internal static class SwitchDeclaration
{
    private static readonly ObjectType<SwitchCase> Case = new("switch case", () => new Shape<SwitchCase>(() => new SwitchCase())
        .Required("when", ExpressionType.Condition, c => c.When, (c, v) => c with { When = v }, "The condition; must yield a boolean.")
        .Required("goto", TargetType.Instance, c => c.Goto, (c, v) => c with { Goto = v }, "The step to go on with when it holds."));

    public static StepKind Kind { get; } = new StepKind<SwitchStep>(
        "switch",
        "Goes the way of the first case that holds.",
        StepTraits.None,
        () => new SwitchStep(),
        shape => shape
            .Required("cases", new ListType<SwitchCase>(Case, 1, 100), s => s.Cases, (s, v) => s with { Cases = v }, "The cases, tried in order.")
            .Optional("default", TargetType.Instance, s => s.Default, (s, v) => s with { Default = v }, "The step to go on with when none holds; left out, `next`.")
            .Rule(Check));

    private static void Check(SwitchStep step, Node node, ReadContext context)
    {
        if (!step.FallsThrough && node.Find("next") is { } next)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, next, "'next' is never taken: 'default' is there.");
        }
    }
}
