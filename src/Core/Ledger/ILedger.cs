namespace Countersign.Ledger;

/// <summary>
/// The one primitive for everything that decides: rows and log entries of one tenant, committed together or not at all.
/// </summary>
/// <remarks>
/// <para>A tenant's ledger holds its hash-chained log, the small rows that decide things, and the recorded answers of
/// engine calls. Stores: SQLite (<c>Countersign.Engine</c>) and Table Storage (<c>Countersign.Azure</c>); one conformance
/// class serves both.</para>
/// <para>Every member may throw <see cref="LedgerUnavailableException"/> when the store cannot be reached or is full; the
/// caller knows then that nothing can be said about the call, and repeats it: a repeat is recognised by its event ids.</para>
/// </remarks>
public interface ILedger
{
    /// <summary>Commits rows, entries and at most one call record, all or nothing.</summary>
    /// <param name="tenant">The tenant whose ledger it is.</param>
    /// <param name="commit">What to write. An entry whose event id is in the log already is left out; a commit that has
    /// entries and finds all of them there is a repeat: it writes nothing at all and answers with
    /// <see cref="CommitReceipt.Repeated"/>. A commit with a call record is a repeat only where that record, or a row, is not as
    /// expected; otherwise the rows and the record are written without the entries.</param>
    /// <param name="cancellationToken">Gives up waiting; the commit may still happen.</param>
    /// <exception cref="LedgerConflictException">A row or call record was not as expected. Nothing was written.</exception>
    ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default);

    /// <summary>Reads one row; null where there is none.</summary>
    ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default);

    /// <summary>Reads the rows whose keys start with a prefix, in ordinal order of the keys.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="prefix">What the keys start with.</param>
    /// <param name="after">Only keys greater than this one; null starts at the beginning.</param>
    /// <param name="limit">At most this many rows, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Row>> ScanRowsAsync(string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Reads due rows (<see cref="RowKeys.Due"/>) of all tenants whose time has come, earliest first.</summary>
    /// <param name="until">Rows due at this time or before.</param>
    /// <param name="limit">At most this many rows, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default);

    /// <summary>Reads the newest record of a call, null where the call was never recorded.</summary>
    ValueTask<CallRecord?> ReadCallAsync(string tenant, string run, string callKey, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads all call records of a run in the order in which they were last written, as far as the store can tell. A key may come more than
    /// once: the last one counts.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(string tenant, string run, CancellationToken cancellationToken = default);

    /// <summary>Reads log entries in order of their sequence.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="fromSequence">The first sequence wanted, from 1.</param>
    /// <param name="limit">At most this many entries, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default);

    /// <summary>Reads the log entries of one run in order of their sequence.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="afterSequence">Only entries with a greater sequence; 0 for all.</param>
    /// <param name="limit">At most this many entries, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default);

    /// <summary>The newest sequence and hash of a tenant's log; sequence 0 and a zero hash for an empty one.</summary>
    ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default);
}
