namespace Countersign.Ledger;

/// <summary>Where a log is known to end, from a checkpoint or another copy: without it, a cut-off end looks like an end.</summary>
/// <param name="Sequence">The last entry's position.</param>
/// <param name="Hash">The last entry's hash.</param>
public sealed record ChainEnd(long Sequence, Hash256 Hash);
