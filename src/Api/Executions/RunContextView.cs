using System.Text.Json;

namespace Countersign.Api.Executions;

/// <summary>What a run reads from: what the expressions of its next step could read, or those of its last one.</summary>
public sealed record RunContextView
{
    /// <summary>Its input.</summary>
    public required JsonElement Input { get; init; }

    /// <summary><c>context.static</c>.</summary>
    public required JsonElement Static { get; init; }

    /// <summary><c>context.profile</c>.</summary>
    public required JsonElement Profile { get; init; }

    /// <summary><c>context.runtime</c>: what its <c>set</c> steps wrote.</summary>
    public required SortedDictionary<string, JsonElement> Runtime { get; init; }

    /// <summary>The steps of the body that have run, by their ids.</summary>
    public required SortedDictionary<string, StepContextView> Steps { get; init; }

    /// <summary>Errors that were caught, by the ids of the steps that failed.</summary>
    public required SortedDictionary<string, JsonElement> Errors { get; init; }
}

/// <summary>What a step left for others to read.</summary>
/// <param name="Output">Its output.</param>
/// <param name="Response">Status and headers of the answer that the output is the body of; left out for steps that call no interface.</param>
public sealed record StepContextView(JsonElement Output, JsonElement? Response = null);
