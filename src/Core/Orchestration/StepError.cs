using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>
/// What went wrong in a step, in the form of RFC 9457. A definition catches by <see cref="Type"/>; a person reads
/// <see cref="Title"/> and <see cref="Detail"/>.
/// </summary>
public sealed record StepError
{
    /// <summary>The stable code, such as <c>step.timeout</c>; each of ours has a page in <c>docs/errors</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What kind of thing it is, in a few words, the same for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status that fits, or that a remote side gave; null where none does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }

    /// <summary>This occurrence, with the field and the rule where there is one. Never a secret, never a stack trace.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>Which step of which run, as <c>run/path:visit</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Instance { get; init; }

    /// <summary>Whether trying again may help; only then does the step's retry policy apply.</summary>
    public bool Retryable { get; init; }

    /// <summary>How long the remote side asked to wait before the next try; null where it did not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What is known of the effect of a step that failed all the same; null where it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepEffect? Effect { get; init; }

    /// <summary>Status and headers of a remote side's answer, as <c>{ status, headers }</c>; null where there was none. Not written to the log.</summary>
    [JsonConverter(typeof(VerbatimJson))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Response { get; init; }

    /// <summary>The body of a remote side's answer, shortened; null where there was none. Not written to the log.</summary>
    [JsonConverter(typeof(VerbatimJson))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Body { get; init; }
}

/// <summary>What is known of the effect that a failed step had on a remote side.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepEffect>))]
public enum StepEffect
{
    /// <summary>The remote side may have done what the step asked for: its answer did not come.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>The remote side answered that it has done what the step asked for; only its answer could not be used.</summary>
    [JsonStringEnumMemberName("happened")]
    Happened,
}
