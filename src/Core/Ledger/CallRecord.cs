namespace Countersign.Ledger;

/// <summary>
/// The record of one call that a run made of its engine: opened before an outside effect, answered after it.
/// A delivery that finds an answer returns it; one that finds a foreign nonce without an answer opens the next number.
/// </summary>
/// <param name="Run">The run's id.</param>
/// <param name="Key">The call's key: path, visit and attempt, unique in the run.</param>
/// <param name="Number">The execution's number, from 1.</param>
/// <param name="Nonce">Who opened it: one value per delivery.</param>
/// <param name="Answer">The stored answer; null while the execution is open.</param>
/// <param name="ExpectedVersion">When writing: the version that was read before, null where there must be no record yet.</param>
/// <param name="Version">When read: its version.</param>
public sealed record CallRecord(
    string Run,
    string Key,
    int Number,
    string Nonce,
    ReadOnlyMemory<byte>? Answer,
    string? ExpectedVersion = null,
    string? Version = null)
{
    /// <summary>
    /// When writing: what <see cref="Answer"/> was written from, for whoever is told of the commit in the same process and would else read
    /// the bytes again. No store keeps it, and it is null when read.
    /// </summary>
    public object? Written { get; init; }
}
