using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Language;

/// <summary>A workflow that has been read and found valid. It never changes; its hash names it.</summary>
public sealed class Definition
{
    private readonly FrozenDictionary<string, Step> steps;
    private readonly FrozenDictionary<string, JsonSchema> schemas;

    private readonly ILookup<string, Template> templates;

    internal Definition(
        DefinitionParts parts, IReadOnlyDictionary<string, JsonSchema> schemas, ILookup<string, Template> templates, ReadOnlyMemory<byte> canonical, string hash)
    {
        Parts = parts;
        Language = parts.Language;
        Name = parts.Name;
        Version = parts.Version;
        Description = parts.Description;
        Input = parts.Input;
        Static = parts.Static;
        Profile = ProfileKeys.ValuesOf(parts.Profile);
        ProfileRoles = ProfileKeys.RolesOf(parts.Profile);
        Defaults = parts.Defaults;
        Limits = parts.Limits;
        Body = parts.Body;
        Canonical = canonical;
        Hash = hash;
        InputSchema = schemas.GetValueOrDefault("");
        this.templates = templates;
        this.schemas = schemas.ToFrozenDictionary(StringComparer.Ordinal);
        steps = AllSteps(parts.Body).ToFrozenDictionary(step => step.Id, StringComparer.Ordinal);
    }

    /// <summary>Version of the language the document is written in.</summary>
    public SemanticVersion Language { get; }

    /// <summary>Name of the workflow; matches <c>[a-z][a-z0-9-]{0,63}</c>.</summary>
    public string Name { get; }

    /// <summary>Version of the workflow.</summary>
    public SemanticVersion Version { get; }

    /// <summary>What the workflow is for, in people's words.</summary>
    public string? Description { get; }

    /// <summary>JSON Schema 2020-12 of a run's input; null where any input is accepted.</summary>
    public JsonElement? Input { get; }

    /// <summary><see cref="Input"/>, compiled.</summary>
    public JsonSchema? InputSchema { get; }

    /// <summary><c>context.static</c>: an object, fixed for this version.</summary>
    public JsonElement Static { get; }

    /// <summary><c>context.profile</c> of a run that overrides nothing: an object.</summary>
    public JsonElement Profile { get; }

    /// <summary>The keys of <see cref="Profile"/> that may be overridden, and the roles of which a person needs one to do so. All other keys are closed.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> ProfileRoles { get; }

    /// <summary>Retry policy and time limit for steps that name none.</summary>
    public StepDefaults Defaults { get; }

    /// <summary>How large a run may become.</summary>
    public RunLimits Limits { get; }

    /// <summary>The steps, the start and the output.</summary>
    public Block Body { get; }

    /// <summary>The definition in normal form, as RFC 8785 bytes: defaults left out, durations in their normal form. Documents that differ in spelling only have the same bytes; the order of steps counts.</summary>
    public ReadOnlyMemory<byte> Canonical { get; }

    /// <summary>SHA-256 of <see cref="Canonical"/>, 64 lower-case hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>All templates of a step, but for the outputs of its blocks.</summary>
    /// <param name="stepId">The step's id.</param>
    public IEnumerable<Template> TemplatesOf(string stepId) => templates[stepId];

    internal DefinitionParts Parts { get; }

    /// <summary>Finds a step anywhere in the document, compensations (<c>pay.compensate</c>) included. O(1).</summary>
    /// <returns>The step, or null where there is none of that id.</returns>
    public Step? FindStep(string id) => steps.GetValueOrDefault(id);

    /// <summary>The lock that a step takes: its own, or for a compensation that of the step which it undoes; null for none.</summary>
    public StepMutex? MutexOf(Step step) => step.Mutex ?? (step.Id == OwnerOf(step) ? null : FindStep(OwnerOf(step))?.Mutex);

    /// <summary>The id under which a step stands in the graph: its own, or for a compensation that of the step which it undoes.</summary>
    public static string OwnerOf(Step step) => step.Id.EndsWith(CompensationSuffix, StringComparison.Ordinal) ? step.Id[..^CompensationSuffix.Length] : step.Id;

    internal const string CompensationSuffix = ".compensate";

    /// <summary>The compiled schema of a step: of a model's answer, of a response's body, of an event's data, of what a form takes. O(1).</summary>
    /// <returns>The schema, or null where the step has none.</returns>
    public JsonSchema? FindSchema(string stepId) => stepId.Length == 0 ? null : schemas.GetValueOrDefault(stepId);

    /// <summary>Every step of a block and of the blocks inside it, compensations included, each before what is inside it.</summary>
    public static IEnumerable<Step> AllSteps(Block block)
    {
        foreach (Step step in block.Steps)
        {
            yield return step;
            if (step.Compensate is not null)
            {
                yield return step.Compensate;
            }

            foreach (Step inner in step.Blocks.SelectMany(AllSteps))
            {
                yield return inner;
            }
        }
    }
}

/// <summary>The parts of a definition before it has a canonical form.</summary>
internal sealed record DefinitionParts
{
    public SemanticVersion Language { get; init; } = new(1, 0, 0);

    public string Name { get; init; } = "";

    public SemanticVersion Version { get; init; } = new(1, 0, 0);

    public string? Description { get; init; }

    public JsonElement? Input { get; init; }

    public JsonElement Static { get; init; } = EmptyObject;

    public JsonElement Profile { get; init; } = EmptyObject;

    public StepDefaults Defaults { get; init; } = StepDefaults.None;

    public RunLimits Limits { get; init; } = RunLimits.Default;

    public Block Body { get; init; } = Block.Empty;

    public static JsonElement EmptyObject { get; } = JsonDocument.Parse("{}").RootElement;
}
