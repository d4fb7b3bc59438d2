using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Where in a run something happens: which step, reached on which path, for which time, in which attempt.</summary>
/// <param name="Path">The step's path: its id, behind the ids of the blocks around it, such as <c>each:1.17.fetch</c> (step
/// <c>fetch</c> of item 17 in the first visit of <c>each</c>).</param>
/// <param name="Visit">How often this path has been reached, from 1; a loop counts up.</param>
/// <param name="Attempt">The attempt, from 1; retries count up. 0 is the lock that the step takes before its first.</param>
public sealed record StepRef(string Path, int Visit, int Attempt)
{
    private const string SleepSuffix = "~sleep";

    private string? key;

    // A copy is made to differ: the key is not taken over.
    private StepRef(StepRef original) => (Path, Visit, Attempt) = (original.Path, original.Visit, original.Attempt);

    /// <summary>The key of the call, unique in the run.</summary>
    [JsonIgnore]
    public string Key => key ??= string.Create(CultureInfo.InvariantCulture, $"{Path}:{Visit}:{Attempt}");

    /// <summary>The part of the key that stays the same over attempts and executions: what a remote side's idempotency is made of.</summary>
    [JsonIgnore]
    public string VisitKey => $"{Path}:{Visit}";

    /// <summary>The key that the end of a sleep after this attempt is recorded under.</summary>
    [JsonIgnore]
    public string SleepKey => Key + SleepSuffix;

    /// <summary>Whether a key is that of a sleep.</summary>
    public static bool IsSleepKey(string key) => key.EndsWith(SleepSuffix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(StepRef? other) => other is not null && Visit == other.Visit && Attempt == other.Attempt && Path == other.Path;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Visit, Attempt);

    /// <summary>The id of an event of this step; see <see cref="Ledger.EventId.InRun"/>.</summary>
    public string EventId(string run, int execution, string kind, string? discriminator = null) =>
        Ledger.EventId.InRun(run, Path, Visit, Attempt, execution, kind, discriminator);
}

/// <summary>What stays the same for the whole run.</summary>
/// <param name="Definition">The definition that the run is pinned to, by content hash.</param>
/// <param name="Root">The root of the tree of runs: the run itself where it has no parent.</param>
/// <param name="CorrelationId">What the starter named the whole undertaking, or the root's id.</param>
/// <param name="Requester">Who asked for the run: an opaque user id.</param>
public sealed record RunPin(string Definition, string Root, string CorrelationId, string Requester)
{
    /// <summary>How many runs are above this one in its tree: 0 for a run that nobody called.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Depth { get; init; }

    /// <summary>How large the run may become; null for a run that an earlier version started, which has no limits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Language.RunLimits? Limits { get; init; }

    /// <summary>
    /// Whether the run is of a version that logs a retry before its pause and gives no output to a wait that ran out. Those that know limits do; an older run
    /// is replayed as it was recorded.
    /// </summary>
    [JsonIgnore]
    internal bool KnowsAbsentOutputs => Limits is not null;

    /// <summary>
    /// Whether the run compensates a step that is stopped between two attempts, when an earlier attempt had its effect. False for a run that an earlier
    /// version started: it is replayed as it was recorded.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepsEffects { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the request that started the tree of runs; null where it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }
}

/// <summary>What every call of the orchestration carries.</summary>
public abstract record CallRequest
{
    /// <summary>Which step it is for.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The step's id in the definition.</summary>
    public required string StepId { get; init; }

    /// <summary>What stays the same for the whole run.</summary>
    public required RunPin Pin { get; init; }

    /// <summary>Entries that the interpreter recorded since the last call; they are committed with this one. At most <see cref="PendingLimit"/>.</summary>
    public ImmutableArray<PendingEntry> Pending { get; init; } = [];

    /// <summary>How many entries may wait for the next call.</summary>
    public const int PendingLimit = 20;
}

/// <summary>An entry that rides on the next call.</summary>
/// <param name="EventId">Its deterministic id.</param>
/// <param name="Type">Its type, <c>noun.verb</c>.</param>
/// <param name="Step">The step's path.</param>
/// <param name="Payload">Its canonical JSON.</param>
public sealed record PendingEntry(string EventId, string Type, string Step, string Payload);
