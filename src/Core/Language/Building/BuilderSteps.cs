namespace Countersign.Language;

/// <summary>Methods of all builders that go on in the same chain.</summary>
public static class BuilderSteps
{
    /// <summary>Adds a step as it is.</summary>
    public static TBuilder Then<TBuilder>(this TBuilder block, Step step) where TBuilder : BlockBuilder
    {
        block.Add(step);
        return block;
    }

    /// <summary>Adds a step that may still be changed.</summary>
    internal static TBuilder Then<TBuilder, TStep>(this TBuilder block, TStep step, Func<TStep, TStep>? with)
        where TBuilder : BlockBuilder
        where TStep : Step
    {
        block.Add(with is null ? step : with(step));
        return block;
    }

    /// <summary>Ends the block after the last step; see <see cref="BlockBuilder.End"/>.</summary>
    public static TBuilder ThenEnd<TBuilder>(this TBuilder block) where TBuilder : BlockBuilder
    {
        block.End();
        return block;
    }

    /// <summary>Goes on with a step that is added elsewhere; see <see cref="BlockBuilder.Goto"/>.</summary>
    public static TBuilder ThenGoto<TBuilder>(this TBuilder block, string step) where TBuilder : BlockBuilder
    {
        block.Goto(step);
        return block;
    }

    /// <summary>Begins with another step than the first one.</summary>
    public static TBuilder StartingAt<TBuilder>(this TBuilder block, string step) where TBuilder : BlockBuilder
    {
        block.Start(step);
        return block;
    }

    /// <summary>Says what the block yields.</summary>
    public static TBuilder Yielding<TBuilder>(this TBuilder block, Template output) where TBuilder : BlockBuilder
    {
        block.Output(output);
        return block;
    }
}
