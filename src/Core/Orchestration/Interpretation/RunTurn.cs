using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>What all frames of one interpretation share.</summary>
internal sealed class RunTurn(IOrchestration orchestration, Definition definition, RunStart start, int holds)
{
    /// <summary>What holds are called.</summary>
    public const string Hold = "$hold";

    /// <summary>How often the run was held.</summary>
    public int Holds { get; private set; } = holds;

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
