using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>How a call of the orchestration ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CallResult>))]
public enum CallResult
{
    /// <summary>It did what it should; <see cref="CallAnswer.Value"/> holds what came of it, if anything.</summary>
    Succeeded,

    /// <summary>It failed; <see cref="CallAnswer.Error"/> says why.</summary>
    Failed,

    /// <summary>A wait was rejected by a person.</summary>
    Rejected,

    /// <summary>A wait's deadline came first.</summary>
    Expired,

    /// <summary>The run was canceled before it could happen.</summary>
    Canceled,

    /// <summary>A wait is still open: the poke had no news.</summary>
    StillOpen,

    /// <summary>Somebody else owns it: a run claimed by another execution, or an end that lost to a cancel.</summary>
    Lost,
}

/// <summary>The answer to a call of the orchestration. It is durable before the interpreter sees it.</summary>
public sealed record CallAnswer
{
    /// <summary>The key of the call that it answers: path, visit and attempt. A replay compares it with what it asked.</summary>
    [JsonPropertyName("k")]
    public required string Key { get; init; }

    /// <summary>How the call ended.</summary>
    [JsonPropertyName("r")]
    public required CallResult Result { get; init; }

    /// <summary>What came of it; null where nothing did.</summary>
    [JsonPropertyName("v")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Value { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("e")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepError? Error { get; init; }

    /// <summary>What a called run, or one that it called, could not undo; null where there is nothing, and for other calls.</summary>
    [JsonPropertyName("u")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? NotUndone { get; init; }

    /// <summary>What a called run did outside and nothing of its own undoes; null where there is nothing, and for other calls.</summary>
    [JsonPropertyName("s")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? Standing { get; init; }

    /// <summary>What was asked of the run when the answer was committed.</summary>
    [JsonPropertyName("f")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RunFlags Flags { get; init; }

    /// <summary>When the answer was committed, UTC.</summary>
    [JsonPropertyName("t")]
    public DateTimeOffset At { get; init; }

    /// <summary>The answer as it is recorded.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.CallAnswer);

    /// <summary>Reads a recorded answer.</summary>
    public static CallAnswer From(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize(bytes.Span, OrchestrationJson.Default.CallAnswer)!;
}
