using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>One block at work: the body of the run, a branch, an item. It sees what its parents see; nobody sees into it.</summary>
internal sealed class Frame
{
    private readonly Frame? parent;
    private readonly string prefix;
    private readonly List<PendingEntry> pending = [];
    private readonly Dictionary<string, int> own;

    public Frame(RunTurn turn, InterpreterState? state = null)
    {
        (Turn, prefix) = (turn, "");
        Outputs = (state?.Outputs ?? ImmutableSortedDictionary<string, RunValue>.Empty).ToDictionary(StringComparer.Ordinal);
        Errors = (state?.Errors ?? ImmutableSortedDictionary<string, RunValue>.Empty).ToDictionary(StringComparer.Ordinal);
        Visits = (state?.Visits ?? ImmutableSortedDictionary<string, int>.Empty).ToDictionary(StringComparer.Ordinal);
        Runtime = state?.Runtime ?? ImmutableSortedDictionary<string, RunValue>.Empty;
        own = (state?.Calls ?? ImmutableSortedDictionary<string, int>.Empty).ToDictionary(StringComparer.Ordinal);
        LastOutput = state?.LastOutput;
        Compensations = state is null ? [] : [.. state.Compensations];
    }

    private Frame(Frame parent, string prefix, RunValue? item, int? index, Stop stop)
    {
        (Turn, this.parent, this.prefix, Item, Index, Stop) = (parent.Turn, parent, prefix, item ?? parent.Item, index ?? parent.Index, stop);
        (Runtime, own) = (parent.Runtime, new Dictionary<string, int>(StringComparer.Ordinal));
    }

    public RunTurn Turn { get; }

    public Dictionary<string, RunValue> Outputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Errors that were caught, by the step that failed.</summary>
    public Dictionary<string, RunValue> Errors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Visits { get; } = new(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, RunValue> Runtime { get; set; }

    public List<Compensation> Compensations { get; } = [];

    public RunValue? Item { get; }

    public int? Index { get; }

    /// <summary>Set where a sibling failed and this frame shall start nothing new.</summary>
    public Stop? Stop { get; }

    /// <summary>The output of the step that ran last.</summary>
    public RunValue? LastOutput { get; set; }

    /// <summary>How many calls of the interpreter's own were made, by name.</summary>
    public IReadOnlyDictionary<string, int> Calls => own;

    public bool HasPending => pending.Count > 0;

    /// <summary>A frame inside this one, for a branch or an item of a step.</summary>
    public Frame Inside(StepRef step, string name, Stop stop, RunValue? item = null, int? index = null) =>
        new(this, $"{step.VisitKey}.{name}.", item, index, stop);

    /// <summary>The reference of the next visit of a step.</summary>
    public StepRef Visit(Step step)
    {
        var visit = Visits.GetValueOrDefault(step.Id) + 1;
        Visits[step.Id] = visit;
        return new StepRef(prefix + step.Id, visit, 1);
    }

    /// <summary>The reference of the next call of the interpreter's own, by its name.</summary>
    public StepRef Next(string name)
    {
        var visit = own.GetValueOrDefault(name) + 1;
        own[name] = visit;
        return new StepRef(prefix + name, visit, 1);
    }

    /// <summary>
    /// Whether a step goes on with what it began: not where the run is canceled, a sibling failed, or the time of a step around it is up. What undoes goes on.
    /// </summary>
    public bool MayGoOn(bool compensating) => compensating || !(Turn.Flags.HasFlag(RunFlags.Cancel) || Stop is { IsRequested: true });

    /// <summary>The same, as a demand.</summary>
    /// <exception cref="InterpretationStopped">The step goes no further.</exception>
    public void DemandGoingOn(bool compensating)
    {
        if (!MayGoOn(compensating))
        {
            throw new InterpretationStopped();
        }
    }

    /// <summary>Records an entry that rides on the next call. A second one of the same id takes the place of the first: no commit has an id twice.</summary>
    public void Record(StepRef step, string type, string kind, LogPayload payload)
    {
        var entry = new PendingEntry(step.EventId(Turn.Orchestration.Run.Id, 1, kind), type, step.Path, payload.ToString());
        var same = pending.FindIndex(before => before.EventId == entry.EventId);
        if (same < 0)
        {
            pending.Add(entry);
        }
        else
        {
            pending[same] = entry;
        }
    }

    /// <summary>Hands over what is pending.</summary>
    public ImmutableArray<PendingEntry> TakePending()
    {
        if (pending.Count == 0)
        {
            return [];
        }

        ImmutableArray<PendingEntry> taken = [.. pending];
        pending.Clear();
        return taken;
    }

    /// <summary>Commits what is pending, if anything is.</summary>
    public async Task FlushAsync()
    {
        if (pending.Count > 0)
        {
            var step = Next(EvaluateExecutor.Flush);
            Turn.Seen(await Turn.Orchestration.ExecuteAsync(Request(step, "", EvaluateExecutor.Flush, Empty)));
        }
    }

    /// <summary>Keeps the list of pending entries bounded.</summary>
    public Task BoundAsync() => pending.Count >= CallRequest.PendingLimit - 2 ? FlushAsync() : Task.CompletedTask;

    /// <summary>What a step may read.</summary>
    public ScopeValues Scope(Step step) => Scope(ScopeNeeds.Of(Turn.Definition, step));

    /// <summary>What a template may read.</summary>
    public ScopeValues Scope(Template template) => Scope(ScopeNeeds.Of(template));

    /// <summary>What a step with these references may read.</summary>
    private ScopeValues Scope(ScopeNeeds needs) => needs.IsNone ? Turn.Bare : new()
    {
        Started = Turn.Start.Started,
        Input = needs.Input ? Turn.Start.Input : null,
        Profile = needs.Profile ? Turn.Start.Profile : null,
        Steps = needs.Steps.Count == 0 ? None : Pick(needs.Steps, id => Find(static frame => frame.Outputs, id)),
        Errors = needs.Errors.Count == 0 ? None : Pick(needs.Errors, id => Find(static frame => frame.Errors, id)),
        Runtime = !needs.AllRuntime && needs.Runtime.Count == 0 ? None : Pick(needs.AllRuntime ? Runtime.Keys.ToArray() : needs.Runtime, Runtime.GetValueOrDefault),
        Item = needs.Item ? Item : null,
        Index = needs.Item ? Index : null,
    };

    /// <summary>A request of this frame, with what is pending.</summary>
    public ExecutionRequest Request(StepRef step, string stepId, string kind, ScopeValues scope, bool compensating = false, string? held = null) => new()
    {
        Step = step,
        StepId = stepId,
        Kind = kind,
        Pin = Turn.Start.Pin,
        Scope = scope,
        Pending = TakePending(),
        Compensating = compensating,
        Lock = held,
    };

    /// <summary>
    /// Evaluates a pure function of the scope: here where all values are at hand and the result is small, by a call otherwise.
    /// </summary>
    public async Task<CallAnswer> EvaluateAsync(StepRef step, string stepId, string kind, ScopeValues scope, Func<IExpressionScope, JsonElement> function)
    {
        if (RunScope.IsAtHand(scope))
        {
            try
            {
                var value = RunValues.Inline(function(RunScope.Inline(Turn.Orchestration.Run, scope, Turn.Definition)));
                if (value.Length <= RunValue.InlineLimit)
                {
                    return Here(step, CallResult.Succeeded, value, null);
                }
            }
            catch (Exception exception) when (exception is ExpressionException or StepFailedException or Canonical.CanonicalJsonException)
            {
                var error = StepErrors.From(exception) with { Instance = $"{Turn.Orchestration.Run.Id}/{step.VisitKey}" };
                Record(step, EventTypes.StepFailed, "outcome", new LogPayload()
                    .Add("error", StepEntries.Facts(error)).Add("kind", kind).Add("step", stepId).Add("visit", step.Visit));
                return Here(step, CallResult.Failed, null, error);
            }
        }

        return Turn.Seen(await Turn.Orchestration.ExecuteAsync(Request(step, stepId, kind, scope)));
    }

    private static ScopeValues Empty { get; } = new();

    private static ImmutableSortedDictionary<string, RunValue> None => ImmutableSortedDictionary<string, RunValue>.Empty;

    private CallAnswer Here(StepRef step, CallResult result, RunValue? value, StepError? error) =>
        new() { Key = step.Key, Result = result, Value = value, Error = error, Flags = Turn.Flags, At = Turn.Orchestration.UtcNow };

    private RunValue? Find(Func<Frame, Dictionary<string, RunValue>> named, string stepId)
    {
        for (var frame = this; frame is not null; frame = frame.parent)
        {
            if (named(frame).TryGetValue(stepId, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private static ImmutableSortedDictionary<string, RunValue> Pick(ICollection<string> names, Func<string, RunValue?> find)
    {
        var picked = ImmutableSortedDictionary.CreateBuilder<string, RunValue>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (find(name) is { } value)
            {
                picked[name] = value;
            }
        }

        return picked.ToImmutable();
    }
}

/// <summary>Tells the frames of one fan-out to start nothing new.</summary>
internal sealed class Stop(Stop? outer)
{
    // Continues whoever waits for it on the spot, so that a replay goes the same way.
    private readonly TaskCompletionSource requested = new();

    public bool IsRequested => requested.Task.IsCompleted || outer is { IsRequested: true };

    /// <summary>Completes once it is requested.</summary>
    public Task Requested => outer is null ? requested.Task : Task.WhenAny(requested.Task, outer.Requested);

    public void Request() => requested.TrySetResult();
}
