using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="SetStep"/>s.</summary>
public static class SetBuilding
{
    /// <summary>Adds a step that writes texts, which may be templates, into <c>context.runtime</c>.</summary>
    public static TBuilder Set<TBuilder>(this TBuilder block, string id, IReadOnlyDictionary<string, string> values, Func<SetStep, SetStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new SetStep { Id = id, Values = Template.FromJson(JsonSerializer.SerializeToElement(values)) }, with);
}
