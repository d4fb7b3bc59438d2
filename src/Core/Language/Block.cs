using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>A graph of steps that runs from its start to a step without successor. Steps of nested blocks see the outputs of the steps around them and of their own block, never those of sibling branches.</summary>
public sealed record Block
{
    /// <summary>A block without steps; never valid in a definition.</summary>
    public static readonly Block Empty = new();

    /// <summary>Id of the first step.</summary>
    public string Start { get; init; } = "";

    /// <summary>The steps, in the order of the document, which has no meaning but display.</summary>
    public ImmutableArray<Step> Steps { get; init; } = [];

    /// <summary>What the block yields; null for the output of the step that ended it.</summary>
    public Template? Output { get; init; }
}
