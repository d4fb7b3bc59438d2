using System.Text.Json;

namespace Countersign.Language;

/// <summary>The fields of a document.</summary>
internal static class DefinitionShape
{
    public static Shape<DefinitionParts> Shape { get; } = new Shape<DefinitionParts>(() => new DefinitionParts())
        .Required("language", LanguageVersionType.Instance, d => d.Language, (d, v) => d with { Language = v }, "Version of the language.")
        .Required("name", TextType.WorkflowName, d => d.Name, (d, v) => d with { Name = v }, "Name of the workflow.")
        .Required("version", VersionType.Instance, d => d.Version, (d, v) => d with { Version = v }, "Version of the workflow.")
        .Optional("description", TextType.Prose, d => d.Description, (d, v) => d with { Description = v }, "What the workflow is for.")
        .OptionalValue("input", SchemaType.Instance, d => d.Input, (d, v) => d with { Input = v }, "JSON Schema of a run's input; left out, any input is accepted.")
        .OptionalValue("static", JsonType.Object, d => NullIfEmpty(d.Static), (d, v) => d with { Static = v }, "`context.static`: fixed for the version.")
        .OptionalValue("profile", ProfileType.Instance, d => NullIfEmpty(d.Profile), (d, v) => d with { Profile = v }, "`context.profile`: values which a start cannot override; `{ value: …, override: engineer }` opens one to people of a role.")
        .Default("defaults", PolicyTypes.Defaults, StepDefaults.None, d => d.Defaults, (d, v) => d with { Defaults = v }, "Retry policy and time limit of steps that name none.")
        .Default("limits", PolicyTypes.Limits, RunLimits.Default, d => d.Limits, (d, v) => d with { Limits = v }, "How large a run may become.")
        .Block(d => d.Body, (d, v) => d with { Body = v });

    private static JsonElement? NullIfEmpty(JsonElement value) => value.GetPropertyCount() == 0 ? null : value;
}
