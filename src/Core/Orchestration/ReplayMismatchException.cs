namespace Countersign.Orchestration;

/// <summary>
/// A replay asked for something other than what is on record: the interpreter or the definition is not the one that
/// the run started with. The run is parked for an operator; nothing is lost.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="expected">What the history holds next.</param>
/// <param name="found">What the interpreter asked for.</param>
public sealed class ReplayMismatchException(RunIdentity run, string expected, string found)
    : Exception($"Run {run} cannot be replayed: its history holds {expected}, but the interpreter asked for {found}.")
{
    /// <summary>What the history holds next.</summary>
    public string Expected { get; } = expected;

    /// <summary>What the interpreter asked for.</summary>
    public string Found { get; } = found;
}
