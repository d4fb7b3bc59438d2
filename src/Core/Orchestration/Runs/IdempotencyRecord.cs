namespace Countersign.Orchestration;

/// <summary>The row that makes a start idempotent, committed with the run that it names.</summary>
/// <param name="Body">SHA-256 of what was asked for.</param>
/// <param name="Run">The run that came of it.</param>
public sealed record IdempotencyRecord(string Body, string Run);
