using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>The row that decides about a run: its state and what was asked of it.</summary>
public sealed record RunRow
{
    /// <summary>The run's id.</summary>
    public required string Id { get; init; }

    /// <summary>The workflow's name.</summary>
    public required string Workflow { get; init; }

    /// <summary>The workflow's version.</summary>
    public required string Version { get; init; }

    /// <summary>The definition's content hash: what the run is pinned to.</summary>
    public required string Definition { get; init; }

    /// <summary>Where it is in its life, but for <see cref="RunStatus.Waiting"/>, which follows from <see cref="OpenWaits"/>.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What was asked of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RunFlags Flags { get; init; }

    /// <summary>What had been asked of it when it was claimed: what a replay starts with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RunFlags FlagsAtStart { get; init; }

    /// <summary>Who asked last for something: an opaque user id; null where nobody did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AskedBy { get; init; }

    /// <summary>When it was last let go on after it had been parked; null where it never was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Continued { get; init; }

    /// <summary>How often something was asked of it: tells the entries of several requests apart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Asked { get; init; }

    /// <summary>Why it may not start yet; null where nothing holds it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Held { get; init; }

    /// <summary>When it was or is looked at again, where it was ever held.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Who claimed it; a second start finds another's nonce and ends.</summary>
    public string? Nonce { get; init; }

    /// <summary>Who asked for it: an opaque user id.</summary>
    public required string Requester { get; init; }

    /// <summary>The run that called it, if any.</summary>
    public string? Parent { get; init; }

    /// <summary>The call of the parent that waits for it.</summary>
    public string? ParentCall { get; init; }

    /// <summary>When its time is up, where its parent set it a limit: it is canceled then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Whether it was canceled because its time was up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TimedOut { get; init; }

    /// <summary>The root of its tree of runs.</summary>
    public required string Root { get; init; }

    /// <summary>How many runs are above it in its tree.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Depth { get; init; }

    /// <summary>How large it may become; null for a run of a version that knew no limits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Language.RunLimits? Limits { get; init; }

    /// <summary>Whether it compensates a step that is stopped between two attempts; see <see cref="RunPin.KeepsEffects"/>. False for a run of an earlier version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepsEffects { get; init; }

    /// <summary>The correlation id that its starter gave, or its own id.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the request that started its tree; null where it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was claimed.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Its input.</summary>
    public required RunValue Input { get; init; }

    /// <summary><c>context.profile</c> as it started.</summary>
    public required RunValue Profile { get; init; }

    /// <summary>The roles that the person who started its tree held then; null for a run of an older build.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? RequesterRoles { get; init; }

    /// <summary>The overrides of its profile and of those of the runs above it, a list of <see cref="ProfileOverride"/>; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Overrides { get; init; }

    /// <summary>The keys of its own profile that it overrides, separated by blanks; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Overridden { get; init; }

    /// <summary>Its output, where it completed.</summary>
    public RunValue? Output { get; init; }

    /// <summary>Why it failed, or was parked.</summary>
    public StepError? Error { get; init; }

    /// <summary>What it should have undone at its end and could not, the first <see cref="FailedCompensation.Most"/>; null where all was undone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? NotUndone { get; init; }

    /// <summary>What a called run did outside and nothing of its own undoes; null for nothing, and for a run that no other called.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<FailedCompensation>? Standing { get; init; }

    /// <summary>How many of its waits are open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int OpenWaits { get; init; }

    /// <summary>How many of those wait for a lock.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int OpenLocks { get; init; }

    /// <summary>How many events it was ever given before a step waited for them: the number of the last one; 0 where none was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Events { get; init; }

    /// <summary>What people see.</summary>
    [JsonIgnore]
    public RunStatus VisibleStatus => Status is RunStatus.Running && OpenWaits > 0 ? RunStatus.Waiting : Status;

    /// <summary>Whether it starts nothing new until it is continued. What has ended is not paused.</summary>
    [JsonIgnore]
    public bool IsPaused => !IsEnded && Flags.HasFlag(RunFlags.Pause);

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool IsEnded => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Canceled;

    /// <summary>The key of the due row that ends its time; null where it has no limit.</summary>
    [JsonIgnore]
    public string? LimitKey => Deadline is { } deadline ? RowKeys.Due(deadline, Id, "limit") : null;

    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.RunRow);

    /// <summary>Reads a row's content.</summary>
    public static RunRow From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.RunRow)!;
}

/// <summary>A run's row with the version it was read at.</summary>
/// <param name="Run">The row.</param>
/// <param name="Version">Its version.</param>
public readonly record struct VersionedRun(RunRow Run, string Version)
{
    /// <summary>Replaces the row if it is still the one that was read.</summary>
    public RowWrite Replace(RunRow run) => RowWrite.Replace(RowKeys.Run(run.Id), run.ToBytes(), Version);
}
