using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="ParallelStep"/>s.</summary>
public static class ParallelBuilding
{
    /// <summary>Adds a step that runs branches side by side.</summary>
    public static TBuilder Parallel<TBuilder>(this TBuilder block, string id, params ReadOnlySpan<(string Name, Action<BlockBuilder> Body)> branches) where TBuilder : BlockBuilder
        => block.Parallel(id, FailureMode.FailFast, branches);

    /// <summary>Adds a step that runs branches side by side, and says what happens when one fails.</summary>
    public static TBuilder Parallel<TBuilder>(this TBuilder block, string id, FailureMode onFailure, params ReadOnlySpan<(string Name, Action<BlockBuilder> Body)> branches) where TBuilder : BlockBuilder
    {
        ParallelBranch[] made = new ParallelBranch[branches.Length];
        for (int i = 0; i < branches.Length; i++)
        {
            BlockBuilder inner = new();
            branches[i].Body(inner);
            made[i] = new ParallelBranch { Name = branches[i].Name, Body = inner.ToBlock() };
        }

        return block.Then(new ParallelStep { Id = id, Branches = [.. made], OnFailure = onFailure });
    }
}
