using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>A completed step that is compensated if the run fails or is canceled.</summary>
/// <param name="StepId">The step's id.</param>
/// <param name="Path">Its path.</param>
/// <param name="Visit">Its visit.</param>
/// <param name="Scope">What its compensation may read, as it was when the step completed.</param>
public sealed record Compensation(string StepId, string Path, int Visit, ScopeValues Scope);

/// <summary>All that the interpreter needs to go on from a quiescent point, without the history before it.</summary>
public sealed record InterpreterState
{
    /// <summary>The step to go on with; null at the end of the body.</summary>
    public required string? Next { get; init; }

    /// <summary>Outputs of the steps that have run.</summary>
    public required ImmutableSortedDictionary<string, RunValue> Outputs { get; init; }

    /// <summary>Errors that were caught.</summary>
    public ImmutableSortedDictionary<string, RunValue> Errors { get; init; } = ImmutableSortedDictionary<string, RunValue>.Empty;

    /// <summary>The output of the step that ran last.</summary>
    public RunValue? LastOutput { get; init; }

    /// <summary>How often each step was reached.</summary>
    public required ImmutableSortedDictionary<string, int> Visits { get; init; }

    /// <summary>How many calls of its own the interpreter made, by name: no key of a call comes twice in a run.</summary>
    public ImmutableSortedDictionary<string, int> Calls { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary><c>context.runtime</c>.</summary>
    public required ImmutableSortedDictionary<string, RunValue> Runtime { get; init; }

    /// <summary>What to compensate, oldest first.</summary>
    public required ImmutableArray<Compensation> Compensations { get; init; }

    /// <summary>What called runs could not undo; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? NotUndone { get; init; }

    /// <summary>What the run did outside and nothing of its own undoes; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? Standing { get; init; }
}

/// <summary>How an interpretation ended.</summary>
/// <param name="Status">How the run ended; null where it goes on with <paramref name="ContinueWith"/>.</param>
/// <param name="ContinueWith">The state to continue as new with.</param>
public sealed record InterpreterResult(RunStatus? Status, InterpreterState? ContinueWith)
{
    /// <summary>The run's output or error, as it was given to the end.</summary>
    public CallAnswer? Answer { get; init; }
}
