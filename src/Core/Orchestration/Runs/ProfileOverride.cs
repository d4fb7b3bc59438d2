using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>A key of a workflow's profile that a run overrides.</summary>
/// <param name="Workflow">The workflow whose profile it is: the run's own, or that of a run above it.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value that takes the place of the definition's.</param>
public sealed record ProfileOverride(string Workflow, string Key, JsonElement Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<ProfileOverride>))]
internal sealed partial class OverrideJson : JsonSerializerContext;
