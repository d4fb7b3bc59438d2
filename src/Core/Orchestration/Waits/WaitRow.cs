using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>What a wait waits for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WaitKind>))]
public enum WaitKind
{
    /// <summary>Votes of approvers.</summary>
    [JsonStringEnumMemberName("approval")]
    Approval,

    /// <summary>A submitted form.</summary>
    [JsonStringEnumMemberName("form")]
    Form,

    /// <summary>A named event from outside.</summary>
    [JsonStringEnumMemberName("event")]
    Event,

    /// <summary>A time.</summary>
    [JsonStringEnumMemberName("time")]
    Time,

    /// <summary>The time limit of a step that runs blocks: nobody is asked, and the log says nothing unless it is exceeded.</summary>
    [JsonStringEnumMemberName("limit")]
    Limit,

    /// <summary>A lock. Decided, the step has got it, and holds it until it lets go.</summary>
    [JsonStringEnumMemberName("lock")]
    Lock,
}

/// <summary>Where a wait is in its life: open → claimed → escalated → decided, rejected, expired or canceled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WaitState>))]
public enum WaitState
{
    /// <summary>Nobody has taken it.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>Somebody said that they will see to it.</summary>
    [JsonStringEnumMemberName("claimed")]
    Claimed,

    /// <summary>It was handed up because nobody decided in time.</summary>
    [JsonStringEnumMemberName("escalated")]
    Escalated,

    /// <summary>Approved, submitted, received or elapsed.</summary>
    [JsonStringEnumMemberName("decided")]
    Decided,

    /// <summary>Rejected.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>Its deadline came first.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Its run was canceled.</summary>
    [JsonStringEnumMemberName("canceled")]
    Canceled,
}

/// <summary>Who may act on a wait.</summary>
/// <param name="Role">Everybody with this role.</param>
/// <param name="Users">These users, by opaque id.</param>
public sealed record WaitAudience(string? Role, ImmutableArray<string> Users);

/// <summary>One vote on an approval.</summary>
/// <param name="User">Who voted.</param>
/// <param name="Approved">Which way.</param>
/// <param name="Reason">Why, in the voter's words.</param>
/// <param name="At">When.</param>
public sealed record Vote(string User, bool Approved, string? Reason, DateTimeOffset At)
{
    /// <summary>The people who made the key of the voter, or of its maker, after the run started; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? MadeBy { get; init; }
}

/// <summary>A vote that moved to another person.</summary>
/// <param name="From">Who had it, and has none now.</param>
/// <param name="To">Who has it.</param>
public sealed record HandedVote(string From, string To);

/// <summary>What a wait knows of the lock that it is for.</summary>
/// <param name="Name">The lock's name.</param>
/// <param name="Hold">How long it may be held.</param>
/// <param name="Number">Its place in line; of two the lower one comes first.</param>
public sealed record WaitLock(string Name, TimeSpan Hold, long Number = 0)
{
    /// <summary>Whether it is for what undoes a step, which the cancel of its run does not stop.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Compensating { get; init; }

    /// <summary>When the step got it; null while it waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it passes on although the step has not let go; null while it waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>When the step let go of it, or it passed on; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LetGoAt { get; init; }
}

/// <summary>The row that decides about a wait.</summary>
public sealed record WaitRow
{
    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>The wait's key: path, visit and attempt.</summary>
    public required string Key { get; init; }

    /// <summary>The step's path.</summary>
    public required string Path { get; init; }

    /// <summary>The step's visit.</summary>
    public required int Visit { get; init; }

    /// <summary>The step's id in the definition.</summary>
    public required string StepId { get; init; }

    /// <summary>What it waits for.</summary>
    public required WaitKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public WaitState State { get; init; }

    /// <summary>The workflow's name, for lists.</summary>
    public required string Workflow { get; init; }

    /// <summary>The definition, by content hash.</summary>
    public required string Definition { get; init; }

    /// <summary>The root of the tree of runs.</summary>
    public required string Root { get; init; }

    /// <summary>The correlation id.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Who asked for the run.</summary>
    public required string Requester { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset Opened { get; init; }

    /// <summary>When it expires; a time wait elapses.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When people are reminded, if they are.</summary>
    public DateTimeOffset? Remind { get; init; }

    /// <summary>When it is escalated, if it is.</summary>
    public DateTimeOffset? Escalate { get; init; }

    /// <summary>How many reminders went out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Reminders { get; init; }

    /// <summary>The interval of the reminders; null before the first one, and in rows of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? RemindEvery { get; init; }

    /// <summary>Who may act; null for events and times.</summary>
    public WaitAudience? Audience { get; init; }

    /// <summary>Who may act as well once it was escalated.</summary>
    public WaitAudience? EscalateTo { get; init; }

    /// <summary>How many approving votes it takes.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>Whether the requester may act on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AllowRequester { get; init; }

    /// <summary>Whether an approver may hand it to somebody else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MayDelegate { get; init; }

    /// <summary>Whether a decision needs a reason.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReasonRequired { get; init; }

    /// <summary>What people are shown. A decision is bound to its hash.</summary>
    public RunValue? Shown { get; init; }

    /// <summary>When the run at the root of its tree was created; null for a wait of an older build, and for one that is not for people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RunStarted { get; init; }

    /// <summary>The overrides of profiles that the run was started with, a list of <see cref="ProfileOverride"/>; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunValue? Overrides { get; init; }

    /// <summary>The name of the event that is waited for.</summary>
    public string? Event { get; init; }

    /// <summary>Who said that they will see to it.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>The votes that moved to other persons; null where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<HandedVote>? Handed { get; init; }

    /// <summary>The votes so far.</summary>
    public ImmutableArray<Vote> Votes { get; init; } = [];

    /// <summary>What came of it: the decision, the form, the event's data.</summary>
    public RunValue? Value { get; init; }

    /// <summary>When a person or an event decided it; null while open, and where its deadline or a cancel closed it.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>When it was withdrawn because a sibling failed, or the step that it limits was done; null where it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>Whether it was withdrawn before it was opened: nobody ever saw it, and no run counts it as open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NeverOpened { get; init; }

    /// <summary>The lock that is waited for or held; null for other kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WaitLock? Lock { get; init; }

    /// <summary>How often people changed it: tells the entries of several changes by one person apart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Revision { get; init; }

    /// <summary>How many messages were exchanged about it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Messages { get; init; }

    /// <summary>Who sent the last message; null where none was sent, and in rows of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LastMessageBy { get; init; }

    /// <summary>Whether a person's vote moved to another one.</summary>
    public bool HasHandedOn(string user) => Handed is { } handed && handed.Any(vote => vote.From == user);

    /// <summary>Whether the run counts as waiting because of it.</summary>
    [JsonIgnore]
    public bool Counts => !NeverOpened && Kind is not WaitKind.Limit;

    /// <summary>Whether the step has got the lock and not let go of it.</summary>
    [JsonIgnore]
    public bool IsHeld => State is WaitState.Decided && Lock is { LetGoAt: null };

    /// <summary>Whether somebody can still act on it.</summary>
    [JsonIgnore]
    public bool IsOpen => State is WaitState.Open or WaitState.Claimed or WaitState.Escalated;

    /// <summary>Whether the run does nothing else while it waits here: the step is not inside a branch.</summary>
    [JsonIgnore]
    public bool IsAlone => !Path.Contains('.', StringComparison.Ordinal);

    /// <summary>What people call it: <c>run.key</c>.</summary>
    [JsonIgnore]
    public string Id => $"{Run}.{Key}";

    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.WaitRow);

    /// <summary>Reads a row's content.</summary>
    public static WaitRow From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.WaitRow)!;

    /// <summary>The due rows of the wait, to be written when it opens.</summary>
    public IEnumerable<RowWrite> DueRows()
    {
        yield return Due(Deadline, DueKind.Expire);
        if (Remind is { } remind)
        {
            yield return Due(remind, DueKind.Remind);
        }

        if (Escalate is { } escalate)
        {
            yield return Due(escalate, DueKind.Escalate);
        }
    }

    /// <summary>What is deleted when the wait closes: its inbox row and its due rows.</summary>
    public IEnumerable<RowWrite> Leftovers()
    {
        var due = DueRows().Select(row => RowWrite.DeleteIfPresent(row.Key));
        due = Lock is null ? due : due.Append(RowWrite.DeleteIfPresent(RowKeys.LockPlace(Lock.Name, Lock.Number)));

        // Only people have an inbox; to ask a store to delete what was never there costs it another try.
        return Audience is null ? due : due.Append(RowWrite.DeleteIfPresent(RowKeys.Inbox(Run, Key)));
    }

    /// <summary>The wait once its step has got the lock.</summary>
    public WaitRow Got(DateTimeOffset now) =>
        this with { State = WaitState.Decided, DecidedAt = now, Lock = Lock! with { Since = now, Until = now + Lock.Hold } };

    /// <summary>What the lock's row says of the step that got it.</summary>
    [JsonIgnore]
    public LockHolder Holder => new(Run, Key, StepId, Lock!.Number, Lock.Since!.Value, Lock.Until!.Value);

    /// <summary>The due row that passes the lock on where its holder does not.</summary>
    [JsonIgnore]
    public RowWrite UnlockRow => Due(Lock!.Until!.Value, DueKind.Unlock);

    /// <summary>A due row of this wait.</summary>
    public RowWrite Due(DateTimeOffset at, DueKind kind) => RowWrite.Put(DueKey(at, kind), new DueReason(kind, Run, Key).ToBytes());

    /// <summary>The key of a due row of this wait.</summary>
    public string DueKey(DateTimeOffset at, DueKind kind) => RowKeys.Due(at, Run, $"{Key}|{kind}");

    /// <summary>When a lost poke about the decided wait is made up for.</summary>
    public string PokeKey(DateTimeOffset decided) => DueKey(decided + WaitPokes.Patience, DueKind.Poke);
}

/// <summary>How lost pokes are made up for.</summary>
public static class WaitPokes
{
    /// <summary>How long a decision waits for its poke to arrive before the sweep pokes again: 10 seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
}
