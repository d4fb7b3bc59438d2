using System.Collections.Immutable;
using Countersign.Ai;
using Countersign.Artifacts;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.Composition;

/// <summary>What a host brings: its stores, its executors, its clock.</summary>
public sealed record CoreParts
{
    /// <summary>The ledger.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>The artifact store.</summary>
    public required IArtifactStore Artifacts { get; init; }

    /// <summary>The executors that have effects of their own; those of the interpreter are added.</summary>
    public required ImmutableArray<IStepExecutor> Executors { get; init; }

    /// <summary>What models say while they say it, from executors of this process to followers in it.</summary>
    public LiveDeltas Deltas { get; init; } = new();

    /// <summary>How many runs a tenant may have at work at a time, 1 to <see cref="Admission.HighestLimit"/>; 0, the default, for any number.</summary>
    public int MaxRunsPerTenant { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The product without hosting, put together once; both hosts use it.</summary>
public sealed class CoreServices
{
    /// <summary>Puts the product together.</summary>
    /// <param name="parts">What the host brings.</param>
    public CoreServices(CoreParts parts)
    {
        Parts = parts;
        Workflows = new WorkflowCatalog(parts.Ledger, parts.Artifacts, parts.Time);
        Prompts = new PromptTemplates(parts.Ledger, parts.Artifacts, parts.Time);
        Values = new RunValues(parts.Artifacts);
        Rows = new RunRows(parts.Ledger);
        Drafts = new RunDrafts(Values, parts.Time);
        Replay = new RunReplay(parts.Ledger, Workflows);
        Kept = new KeptEvents(parts.Ledger, Rows, Values, parts.Time);
        Admission = new Admission(parts.Ledger, Rows, parts.MaxRunsPerTenant, parts.Time);
        Executors = new StepExecutors([.. parts.Executors, .. OfTheInterpreter]);
    }

    private readonly LockGates gates = new();

    /// <summary>What the host brought.</summary>
    public CoreParts Parts { get; }

    /// <summary>The definitions.</summary>
    public WorkflowCatalog Workflows { get; }

    /// <summary>The stored prompts.</summary>
    public PromptTemplates Prompts { get; }

    /// <summary>Values, inline and as artifacts.</summary>
    public RunValues Values { get; }

    /// <summary>Run rows.</summary>
    public RunRows Rows { get; }

    /// <summary>Events that came before the steps that wait for them.</summary>
    public KeptEvents Kept { get; }

    /// <summary>Rows of runs to be.</summary>
    public RunDrafts Drafts { get; }

    /// <summary>What runs read from, by their records.</summary>
    public RunReplay Replay { get; }

    /// <summary>Which queued runs may start.</summary>
    public Admission Admission { get; }

    /// <summary>All executors.</summary>
    public StepExecutors Executors { get; }

    /// <summary>How steps wait.</summary>
    public static ImmutableArray<IWaitKind> WaitKinds { get; } =
    [
        new ApprovalWait(), new FormWait(), new WaitWait(), new TimeLimitWait("parallel"), new TimeLimitWait("foreach"),
        new LockWait("ai_generate"), new LockWait("api_call"),
    ];

    private static IEnumerable<IStepExecutor> OfTheInterpreter =>
    [
        .. EvaluateExecutor.OfTheInterpreter,
        Gathering.Executor,
        SetControl.Executor,
        ConditionalControl.Executor,
        SwitchControl.Executor,
        FailControl.Executor,
        ForEachControl.Executor,
    ];

    /// <summary>What runs may cause, poking an engine.</summary>
    public RunActivities Activities(IEngine engine)
    {
        var (ledger, locks, time) = (Parts.Ledger, Locks(engine), Parts.Time);
        return new RunActivities(
            new ClaimRun(ledger, Rows, time),
            new ExecuteStep(ledger, Rows, Workflows, Values, Executors, time),
            new OpenWait(ledger, Rows, Workflows, Values, WaitKinds, gates, Kept, time),
            new CheckWait(ledger, Rows, locks, time),
            new Children(ledger, Rows, Workflows, Values, Drafts, Commands(engine), gates, time),
            new Withdraw(ledger, Rows, Commands(engine), locks, engine, time),
            new EndRun(ledger, Rows, time),
            new ParkRun(ledger, Rows, locks, time));
    }

    /// <summary>Starts of runs on an engine.</summary>
    public RunStarts Starts(IEngine engine) => new(Parts.Ledger, Rows, Workflows, Drafts, engine, Admission, Parts.Time);

    /// <summary>What people ask of runs on an engine.</summary>
    public RunCommands Commands(IEngine engine) => new(Parts.Ledger, Rows, engine, Parts.Time);

    /// <summary>Locks of steps of runs on an engine.</summary>
    public Locks Locks(IEngine engine) => new(Parts.Ledger, Rows, engine, Parts.Time);

    /// <summary>Waits of runs on an engine.</summary>
    public Waits Waits(IEngine engine) => new(Parts.Ledger, engine, Parts.Time);

    /// <summary>Events handed to runs on an engine.</summary>
    public RunEvents Events(IEngine engine)
    {
        var waits = Waits(engine);
        return new RunEvents(Parts.Ledger, Rows, Workflows, Values, waits, new Submissions(waits, Workflows, Values), Kept, Parts.Time);
    }

    /// <summary>The sweep over the due rows, poking an engine.</summary>
    public Sweep Sweep(IEngine engine) => new(Parts.Ledger, Rows, engine, Commands(engine), Admission, new Reminders(Parts.Ledger, Parts.Time), Locks(engine), Kept, Parts.Time);
}
