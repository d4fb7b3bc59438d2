using System.Text.Json;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Runs a block for every item of a list, where it is known as <c>item</c> and its place as <c>index</c>. Its output is the list of the blocks' outputs, in the order of the items.</summary>
public sealed record ForEachStep : Step
{
    /// <summary>Most items where <c>max_items</c> is not given: 1,000.</summary>
    public const int DefaultMaxItems = 1000;

    /// <inheritdoc/>
    public override string Kind => "foreach";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => KnownSchemas.List;

    /// <summary>The list: one expression, or a literal list whose strings are templates.</summary>
    public Template Items { get; init; } = Template.Null;

    /// <summary>How many items are worked on at the same time; 1 to 100, default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Most items; a longer list fails the step with <c>foreach.items-invalid</c>. 1 to 100,000, default <see cref="DefaultMaxItems"/>.</summary>
    public int MaxItems { get; init; } = DefaultMaxItems;

    /// <summary>What happens when an item fails; default fail_fast.</summary>
    public FailureMode OnFailure { get; init; }

    /// <summary>What runs for each item.</summary>
    public Block Body { get; init; } = Block.Empty;

    /// <inheritdoc/>
    public override ImmutableArray<Block> Blocks => [Body];
}
