using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>What all frames of one interpretation share.</summary>
internal sealed class RunTurn(IOrchestration orchestration, Definition definition, RunStart start, IReadOnlyDictionary<string, int>? counts, OpenEffects effects)
{
    /// <summary>What holds are called.</summary>
    public const string Hold = "$hold";

    /// <summary>What entered steps are counted as.</summary>
    public const string StepCount = "$steps";

    /// <summary>What items are counted as.</summary>
    public const string ItemCount = "$items";

    /// <summary>How often the run was held.</summary>
    public int Holds { get; private set; } = counts?.GetValueOrDefault(Hold) ?? 0;

    /// <summary>How often the run entered a step.</summary>
    public int Steps { get; private set; } = counts?.GetValueOrDefault(StepCount) ?? 0;

    /// <summary>How many items its <c>foreach</c> steps had so far.</summary>
    public int Items { get; private set; } = counts?.GetValueOrDefault(ItemCount) ?? 0;

    /// <summary>Counts a step that is entered.</summary>
    /// <returns>Whether the run may enter it.</returns>
    public bool EnterStep() => ++Steps <= (Start.Pin.Limits?.Steps ?? int.MaxValue);

    /// <summary>Counts the items of a <c>foreach</c>.</summary>
    /// <param name="items">How many there are.</param>
    /// <param name="declared">How many the step itself allows.</param>
    /// <returns>How many the run allows in all, where these are too many; null otherwise.</returns>
    public int? CountItems(int items, int declared)
    {
        Items += items;
        return Start.Pin.Limits is { } limits && Items > Math.Max(limits.Items, declared) ? Math.Max(limits.Items, declared) : null;
    }

    public IOrchestration Orchestration { get; } = orchestration;

    public Definition Definition { get; } = definition;

    public RunStart Start { get; } = start;

    /// <summary>The scope of all steps that refer to nothing.</summary>
    public ScopeValues Bare { get; } = new() { Started = start.Started };

    /// <summary>What was asked of the run, as the newest answer told it.</summary>
    public RunFlags Flags { get; private set; } = start.Flags;

    /// <summary>Set once the run unwinds: compensations are not stopped by the cancel that caused them.</summary>
    public bool Unwinding { get; set; }

    /// <summary>The keys of the waits that are open.</summary>
    public SortedSet<string> OpenWaits { get; } = new(StringComparer.Ordinal);

    /// <summary>The keys of the calls whose child runs are at work.</summary>
    public SortedSet<string> OpenChildren { get; } = new(StringComparer.Ordinal);

    /// <summary>What stands outside and is not undone.</summary>
    public OpenEffects Effects { get; } = effects;

    public CallAnswer Seen(CallAnswer answer)
    {
        // An answer may have read the flags before another one did: a cancel that was seen stays seen.
        Flags = answer.Flags | (Flags & RunFlags.Cancel);
        return answer;
    }

    /// <summary>Passes where nothing was asked, waits while the run is paused.</summary>
    /// <exception cref="InterpretationStopped">The run is to be canceled.</exception>
    public async Task GateAsync(Frame frame)
    {
        while (!Unwinding && Flags is not RunFlags.None)
        {
            if (Flags.HasFlag(RunFlags.Cancel))
            {
                throw new InterpretationStopped();
            }

            await frame.FlushAsync();
            Seen(await Orchestration.HoldAsync(new StepRef(Hold, ++Holds, 1)));
        }
    }
}
