using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="ForEachStep"/>.</summary>
internal static class ForEachDeclaration
{
    private static readonly ChoiceType<FailureMode> FailureModeType = new(("fail_fast", FailureMode.FailFast), ("wait_all", FailureMode.WaitAll));

    public static StepKind Kind { get; } = new StepKind<ForEachStep>(
        "foreach",
        "Runs a block for every item of a list.",
        StepTraits.TimeLimit | StepTraits.Effects,
        () => new ForEachStep(),
        shape => shape
            .Required("items", ExpressionType.List, s => s.Items, (s, v) => s with { Items = v }, "The list. Inside, `item` is the item and `index` its place, from 0.")
            .Default("concurrency", new IntegerType(1, 100), 8, s => s.Concurrency, (s, v) => s with { Concurrency = v }, "How many items are worked on at the same time.")
            .Default("max_items", new IntegerType(1, 100_000), ForEachStep.DefaultMaxItems, s => s.MaxItems, (s, v) => s with { MaxItems = v }, "Most items; a longer list fails the step with `foreach.items-invalid`.")
            .Default("on_failure", FailureModeType, FailureMode.FailFast, s => s.OnFailure, (s, v) => s with { OnFailure = v }, "What happens when an item fails.")
            .Block(s => s.Body, (s, v) => s with { Body = v }));
}
