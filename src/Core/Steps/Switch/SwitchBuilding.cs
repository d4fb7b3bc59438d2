using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="SwitchStep"/>s.</summary>
public static class SwitchBuilding
{
    /// <summary>Adds a step that goes the way of the first case that holds.</summary>
    /// <param name="block">The block.</param>
    /// <param name="id">Id of the step.</param>
    /// <param name="default">The step to go on with when none holds; null for the one that follows.</param>
    /// <param name="cases">The conditions, and where each leads.</param>
    public static TBuilder Switch<TBuilder>(this TBuilder block, string id, string? @default, params ReadOnlySpan<(string When, string Goto)> cases) where TBuilder : BlockBuilder
    {
        SwitchCase[] made = new SwitchCase[cases.Length];
        for (int i = 0; i < cases.Length; i++)
        {
            made[i] = new SwitchCase { When = Template.FromExpression(cases[i].When), Goto = cases[i].Goto };
        }

        return block.Then(new SwitchStep { Id = id, Cases = [.. made], Default = @default });
    }
}
