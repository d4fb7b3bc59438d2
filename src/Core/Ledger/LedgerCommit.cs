using System.Collections.Immutable;

namespace Countersign.Ledger;

/// <summary>What is written together: all of it or nothing.</summary>
public sealed record LedgerCommit
{
    /// <summary>Rows with the versions that they are expected to have. No key twice.</summary>
    public ImmutableArray<RowWrite> Rows { get; init; } = [];

    /// <summary>Entries to append, in this order. No event id twice. At most 40, so that every store can write them in one transaction.</summary>
    public ImmutableArray<EntryDraft> Entries { get; init; } = [];

    /// <summary>The record of the engine call that this commit answers or opens, if any.</summary>
    public CallRecord? Call { get; init; }
}

/// <summary>What a commit did.</summary>
/// <param name="Repeated">True where the commit, or all its entries, had been written before, so that nothing was written.</param>
/// <param name="LastSequence">The newest sequence of the tenant's log after the commit.</param>
/// <param name="CallVersion">The version of the call record that was written; null where none was.</param>
public readonly record struct CommitReceipt(bool Repeated, long LastSequence, string? CallVersion = null);

/// <summary>The end of a tenant's log.</summary>
/// <param name="Sequence">The newest entry's sequence, 0 for an empty log.</param>
/// <param name="Hash">The newest entry's hash; zeros for an empty log.</param>
public readonly record struct LogHead(long Sequence, Hash256 Hash);
