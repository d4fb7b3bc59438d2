using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>
/// The values that a step's templates and expressions may read, handed along with a call. Only what the step refers to
/// is in it; what is fixed by the definition (<c>context.static</c>) is not.
/// </summary>
public sealed record ScopeValues
{
    /// <summary>The run's input.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Input { get; init; }

    /// <summary><c>context.profile</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Profile { get; init; }

    /// <summary>Outputs of steps that have run, by step id.</summary>
    public ImmutableSortedDictionary<string, RunValue> Steps { get; init; } = ImmutableSortedDictionary<string, RunValue>.Empty;

    /// <summary>Errors of steps that were caught, by step id.</summary>
    public ImmutableSortedDictionary<string, RunValue> Errors { get; init; } = ImmutableSortedDictionary<string, RunValue>.Empty;

    /// <summary>What <c>set</c> steps wrote, by name.</summary>
    public ImmutableSortedDictionary<string, RunValue> Runtime { get; init; } = ImmutableSortedDictionary<string, RunValue>.Empty;

    /// <summary>The item of the innermost <c>foreach</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Item { get; init; }

    /// <summary>The item's index, from 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    /// <summary>When the run was started.</summary>
    public DateTimeOffset Started { get; init; }
}

/// <summary>Asks for one execution of a step by its executor.</summary>
public sealed record ExecutionRequest : CallRequest
{
    /// <summary>Which executor; the step's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>What the step may read.</summary>
    public required ScopeValues Scope { get; init; }

    /// <summary>Whether the step's <c>compensate</c> is meant, not the step itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Compensating { get; init; }

    /// <summary>The key of the wait by which the step holds a lock: without it nothing is done. Null where it needs none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Lock { get; init; }
}

/// <summary>Opens a wait and waits until its row is decided, expired or canceled.</summary>
public sealed record WaitRequest : CallRequest
{
    /// <summary>What the step may read.</summary>
    public required ScopeValues Scope { get; init; }

    /// <summary>Whether the step's <c>compensate</c> is meant, not the step itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Compensating { get; init; }
}

/// <summary>Starts a child run and waits for its end.</summary>
public sealed record ChildRequest : CallRequest
{
    /// <summary>What the step may read; the child sees only the input and profile that the step declares.</summary>
    public required ScopeValues Scope { get; init; }

    /// <summary>Whether the step's <c>compensate</c> is meant, not the step itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Compensating { get; init; }
}

/// <summary>Closes waits and cancels children that are no longer needed, or lets go of a lock.</summary>
public sealed record WithdrawRequest : CallRequest
{
    /// <summary>The keys of the waits.</summary>
    public ImmutableArray<string> Waits { get; init; } = [];

    /// <summary>The keys of the calls that started the children.</summary>
    public ImmutableArray<string> Children { get; init; } = [];

    /// <summary>The key of the wait by which the step held a lock that it lets go of; null where it is about something else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Lock { get; init; }
}

/// <summary>Ends the run.</summary>
public sealed record EndRequest : CallRequest
{
    /// <summary><see cref="RunStatus.Completed"/>, <see cref="RunStatus.Failed"/> or <see cref="RunStatus.Canceled"/>.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The run's output where it completed; its template is rendered by the call where values are not at hand.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Output { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepError? Error { get; init; }

    /// <summary>What could not be undone; null where all was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? NotUndone { get; init; }

    /// <summary>What the run did outside and nothing of its own undoes; null for nothing. It matters where another run called this one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? Standing { get; init; }
}

/// <summary>What a run starts with, read by the call that claims it.</summary>
public sealed record RunStart
{
    /// <summary>What stays the same for the whole run.</summary>
    public required RunPin Pin { get; init; }

    /// <summary>The run's input.</summary>
    public required RunValue Input { get; init; }

    /// <summary><c>context.profile</c>: the definition's defaults with the start's overrides.</summary>
    public required RunValue Profile { get; init; }

    /// <summary>When it was claimed.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>What was already asked of it.</summary>
    public RunFlags Flags { get; init; }
}
