using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="ForEachStep"/>s.</summary>
public static class ForEachBuilding
{
    /// <summary>Adds a step that runs a block for every item of a list.</summary>
    /// <param name="block">The block.</param>
    /// <param name="id">Id of the step.</param>
    /// <param name="items">The expression that yields the list.</param>
    /// <param name="body">Adds the steps that run for each item.</param>
    /// <param name="with">Changes further fields.</param>
    public static TBuilder ForEach<TBuilder>(this TBuilder block, string id, string items, Action<BlockBuilder> body, Func<ForEachStep, ForEachStep>? with = null) where TBuilder : BlockBuilder
    {
        BlockBuilder inner = new();
        body(inner);
        return block.Then(new ForEachStep { Id = id, Items = Template.FromExpression(items), Body = inner.ToBlock() }, with);
    }
}
