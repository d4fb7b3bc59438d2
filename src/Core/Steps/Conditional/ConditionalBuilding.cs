using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="ConditionalStep"/>s.</summary>
public static class ConditionalBuilding
{
    /// <summary>Adds a step that goes one way or the other. A way that is not given is the step that follows.</summary>
    public static TBuilder Conditional<TBuilder>(this TBuilder block, string id, string when, string? then = null, string? @else = null, Func<ConditionalStep, ConditionalStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new ConditionalStep { Id = id, When = Template.FromExpression(when), Then = then, Else = @else }, with);
}
