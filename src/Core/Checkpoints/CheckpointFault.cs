namespace Countersign.Checkpoints;

/// <summary>Something that is wrong between a log and its checkpoints.</summary>
/// <param name="Code">Stable code: a constant of <see cref="CheckpointErrorCodes"/>, or of <see cref="Ledger.VerifyFaultCodes"/> where the chain is broken.</param>
/// <param name="Size">The checkpoint's size, or the entry's sequence where the chain is broken.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record CheckpointFault(string Code, long Size, string Message);
