using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="AiGenerateStep"/>s.</summary>
public static class AiGenerateBuilding
{
    /// <summary>Adds a step that asks a model.</summary>
    public static TBuilder AiGenerate<TBuilder>(this TBuilder block, string id, Template prompt, Func<AiGenerateStep, AiGenerateStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new AiGenerateStep { Id = id, Prompt = prompt }, with);
}
