using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>A document of language 0.x.</summary>
internal sealed record ZeroDocument
{
    public JsonElement? Language { get; init; }

    public string Name { get; init; } = "";

    public JsonElement? Version { get; init; }

    public string? Description { get; init; }

    public JsonElement? Input { get; init; }

    public string? Start { get; init; }

    public ImmutableArray<ZeroStep> Steps { get; init; } = [];

    public static Shape<ZeroDocument> Shape { get; } = new Shape<ZeroDocument>(() => new ZeroDocument())
        .OptionalValue("language", JsonType.Any, d => d.Language, (d, v) => d with { Language = v }, "Version of the language.")
        .Required("name", TextType.Prose, d => d.Name, (d, v) => d with { Name = v }, "Name of the workflow.")
        .OptionalValue("version", JsonType.Any, d => d.Version, (d, v) => d with { Version = v }, "Version of the workflow.")
        .Optional("description", TextType.Prose, d => d.Description, (d, v) => d with { Description = v }, "What the workflow is for.")
        .OptionalValue("input", JsonType.Object, d => d.Input, (d, v) => d with { Input = v }, "Schema of the input.")
        .Optional("start", TextType.Prose, d => d.Start, (d, v) => d with { Start = v }, "The first step.")
        .Required("steps", new ListType<ZeroStep>(ZeroStep.Type, 1, StepListType.MaxSteps), d => d.Steps, (d, v) => d with { Steps = v }, "The steps; without `start` the first one begins.");
}

/// <summary>A step of language 0.x: what belongs to its kind is nested in <c>config</c>.</summary>
internal sealed record ZeroStep
{
    public string Id { get; init; } = "";

    public string Kind { get; init; } = "";

    public string? Name { get; init; }

    public JsonElement? Next { get; init; }

    public JsonElement Config { get; init; } = DefinitionParts.EmptyObject;

    public static ObjectType<ZeroStep> Type { get; } = new("step", () => new Shape<ZeroStep>(() => new ZeroStep())
        .Required("id", TextType.Prose, s => s.Id, (s, v) => s with { Id = v }, "Id of the step.")
        .Required("type", TextType.Prose, s => s.Kind, (s, v) => s with { Kind = v }, "Kind of the step.")
        .Optional("name", TextType.Prose, s => s.Name, (s, v) => s with { Name = v }, "Name of the step.")
        .OptionalValue("next", JsonType.Any, s => s.Next, (s, v) => s with { Next = v }, "The step that follows; of a condition `{then, else}`.")
        .OptionalValue("config", JsonType.Object, s => s.Config, (s, v) => s with { Config = v }, "The fields of the kind."));
}
