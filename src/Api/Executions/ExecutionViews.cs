using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Orchestration;

namespace Countersign.Api.Executions;

/// <summary>Asks for a run.</summary>
public sealed record StartBody
{
    /// <summary>The workflow's name.</summary>
    public required string Workflow { get; init; }

    /// <summary>An exact version, or a range such as <c>1.x</c>; left out, the newest release. A pre-release runs only where it is named exactly.</summary>
    public string? Version { get; init; }

    /// <summary>The run's input; left out, an empty object.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Overrides of the definition's profile: only of keys that the definition opens to a role of the caller.</summary>
    public JsonElement? Profile { get; init; }

    /// <summary>What the caller names the undertaking that the run is part of.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Whether the same workflow with the same input is started only once, where there is no Idempotency-Key.</summary>
    public bool OncePerInput { get; init; }
}

/// <summary>Hands an event to a waiting step.</summary>
public sealed record ResumeBody
{
    /// <summary>The wait's id; left out, the open wait of the run that waits for this event. Where none is open yet, the run keeps the event for 7 days and gives it to the next step that waits for it.</summary>
    public string? Wait { get; init; }

    /// <summary>The event's name.</summary>
    public required string Event { get; init; }

    /// <summary>The event's data; left out, an empty object.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>Asks for a run to end.</summary>
/// <param name="Reason">Why; it stands in the log.</param>
public sealed record CancelBody(string? Reason = null);

/// <summary>Where to go from a run.</summary>
/// <param name="Status">How it is.</param>
/// <param name="Resume">Hands an event to it.</param>
/// <param name="Cancel">Asks it to end.</param>
/// <param name="Events">Its events as they happen.</param>
public sealed record RunLinks(string Status, string Resume, string Cancel, string Events)
{
    /// <summary>The links of a run.</summary>
    public static RunLinks Of(string run) =>
        new($"/v1/executions/{run}", $"/v1/executions/{run}/resume", $"/v1/executions/{run}/cancel", $"/v1/executions/{run}/events");
}

/// <summary>A lock that a step of a run waits for.</summary>
/// <param name="Name">The lock's name.</param>
/// <param name="Step">The path of the step.</param>
/// <param name="Since">Since when it waits.</param>
/// <param name="Until">When it waits no longer.</param>
/// <param name="Holder">Who holds the lock; left out where nobody does at the moment.</param>
public sealed record AwaitedLockView(string Name, string Step, DateTimeOffset Since, DateTimeOffset Until, LockHolderView? Holder)
{
    /// <summary>The view of a lock that is waited for.</summary>
    public static AwaitedLockView Of(AwaitedLock awaited) => new(
        awaited.Wait.Lock!.Name,
        awaited.Wait.Path,
        awaited.Wait.Opened,
        awaited.Wait.Deadline,
        awaited.Holder is { } holder ? new LockHolderView(holder.Run, holder.StepId, holder.Since, holder.Until) : null);
}

/// <summary>Who holds a lock.</summary>
/// <param name="Run">The run.</param>
/// <param name="Step">The step, by its id in the definition.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When the lock passes on at the latest.</param>
public sealed record LockHolderView(string Run, string Step, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>Whether a run undid what it should have.</summary>
/// <param name="Status"><c>failed</c>: at least one step that completed could not be undone.</param>
/// <param name="Steps">The steps that could not be undone, the newest first, at most 20; the run's history has all of them.</param>
public sealed record CompensationView(string Status, IReadOnlyList<FailedCompensation> Steps)
{
    /// <summary>Of runs that could not undo all that they should have.</summary>
    public const string Failed = "failed";

    /// <summary>The view of a run's row; null where nothing is left to undo.</summary>
    public static CompensationView? Of(RunRow run) => run.NotUndone is { } steps ? new(Failed, steps) : null;
}

/// <summary>A run as callers see it.</summary>
public sealed record RunView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The workflow.</summary>
    public required string Workflow { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The content hash of the definition that it is pinned to.</summary>
    public required string Definition { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Requester { get; init; }

    /// <summary>The run that called it.</summary>
    public string? Parent { get; init; }

    /// <summary>What the starter named the undertaking.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Whether it was asked to end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CancelRequested { get; init; }

    /// <summary>Whether it was asked to pause.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Paused { get; init; }

    /// <summary>The keys of its profile, and of those of the runs above it, that were started with other values; left out if there are none, and in lists.</summary>
    public IReadOnlyList<ProfileOverride>? Overrides { get; init; }

    /// <summary>Its output, where it completed.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public StepError? Error { get; init; }

    /// <summary>What the run could not undo at its end; left out where nothing is left to undo.</summary>
    public CompensationView? Compensation { get; init; }

    /// <summary>Why a queued run may not start yet: <c>run.tenant-limit</c> where its tenant has as many runs at work as it may.</summary>
    public string? Held { get; init; }

    /// <summary>The locks that it waits for; left out where it waits for none, and in lists.</summary>
    public IReadOnlyList<AwaitedLockView>? Locks { get; init; }

    /// <summary>Where to go from here.</summary>
    public required RunLinks Links { get; init; }

    /// <summary>The view of a row.</summary>
    public static RunView Of(RunRow run, JsonElement? output = null) => new()
    {
        Id = run.Id,
        Status = run.VisibleStatus,
        Workflow = run.Workflow,
        Version = run.Version,
        Definition = run.Definition,
        Requester = run.Requester,
        Parent = run.Parent,
        CorrelationId = run.CorrelationId,
        Created = run.Created,
        Started = run.Started,
        Ended = run.Ended,
        CancelRequested = run.Flags.HasFlag(RunFlags.Cancel),
        Paused = run.IsPaused,
        Output = output,
        Error = run.Error,
        Compensation = CompensationView.Of(run),
        Held = run.Held,
        Links = RunLinks.Of(run.Id),
    };
}

/// <summary>A page of runs.</summary>
/// <param name="Items">The runs, the newest first.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record RunPageView(IReadOnlyList<RunView> Items, string? Cursor);
