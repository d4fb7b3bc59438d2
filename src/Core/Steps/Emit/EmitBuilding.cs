using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="EmitStep"/>s.</summary>
public static class EmitBuilding
{
    /// <summary>Adds a step that writes an event.</summary>
    public static TBuilder Emit<TBuilder>(this TBuilder block, string id, string @event, Template? data = null, Func<EmitStep, EmitStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new EmitStep { Id = id, Event = @event, Data = data }, with);
}
