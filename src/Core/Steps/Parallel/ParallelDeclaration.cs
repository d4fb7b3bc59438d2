using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="ParallelStep"/>.</summary>
internal static class ParallelDeclaration
{
    private static readonly ObjectType<ParallelBranch> Branch = new("parallel branch", () => new Shape<ParallelBranch>(() => new ParallelBranch())
        .Required("name", TextType.Identifier, b => b.Name, (b, v) => b with { Name = v }, "Name of the branch in the step's output.")
        .Block(b => b.Body, (b, v) => b with { Body = v }));

    private static readonly ChoiceType<FailureMode> FailureModeType = new(("fail_fast", FailureMode.FailFast), ("wait_all", FailureMode.WaitAll));

    public static StepKind Kind { get; } = new StepKind<ParallelStep>(
        "parallel",
        "Runs branches side by side.",
        StepTraits.TimeLimit | StepTraits.Effects,
        () => new ParallelStep(),
        shape => shape
            .Required("branches", new ListType<ParallelBranch>(Branch, 1, 100), s => s.Branches, (s, v) => s with { Branches = v }, "The branches.")
            .Default("on_failure", FailureModeType, FailureMode.FailFast, s => s.OnFailure, (s, v) => s with { OnFailure = v }, "What happens when a branch fails.")
            .Rule(Check));

    private static void Check(ParallelStep step, Node node, ReadContext context)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (Node branch in node.Find("branches")!.Children)
        {
            if (branch.Find("name") is { } name && !names.Add(name.Text))
            {
                context.Problems.Error(ProblemCodes.DuplicateId, name, $"There are two branches '{name.Text}'.");
            }
        }
    }
}
