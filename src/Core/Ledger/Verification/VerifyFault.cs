namespace Countersign.Ledger;

/// <summary>One thing that is wrong with a log.</summary>
/// <param name="Code">Stable code: one of the constants of <see cref="VerifyFaultCodes"/>.</param>
/// <param name="Position">Which of the entries given, from 0; their number, for a fault of the end.</param>
/// <param name="Sequence">The position in the log that the fault is about.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record VerifyFault(string Code, long Position, long Sequence, string Message);
