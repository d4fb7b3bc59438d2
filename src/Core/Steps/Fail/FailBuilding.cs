using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="FailStep"/>s.</summary>
public static class FailBuilding
{
    /// <summary>Adds a step that ends the block with an error.</summary>
    public static TBuilder Fail<TBuilder>(this TBuilder block, string id, string error, Template? detail = null, Func<FailStep, FailStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new FailStep { Id = id, Error = error, Detail = detail }, with);
}
