using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="WaitStep"/>s.</summary>
public static class WaitBuilding
{
    /// <summary>Adds a step that waits for a length of time.</summary>
    public static TBuilder Wait<TBuilder>(this TBuilder block, string id, TimeSpan length) where TBuilder : BlockBuilder
        => block.Then(new WaitStep { Id = id, For = Duration.Format(length) });

    /// <summary>Adds a step that waits until a moment.</summary>
    public static TBuilder WaitUntil<TBuilder>(this TBuilder block, string id, Template moment) where TBuilder : BlockBuilder
        => block.Then(new WaitStep { Id = id, Until = moment });

    /// <summary>Adds a step that waits for an event.</summary>
    public static TBuilder WaitForEvent<TBuilder>(this TBuilder block, string id, string name, Func<WaitEvent, WaitEvent>? with = null) where TBuilder : BlockBuilder
    {
        WaitEvent awaited = new() { Name = name };
        return block.Then(new WaitStep { Id = id, Event = with is null ? awaited : with(awaited) });
    }
}
