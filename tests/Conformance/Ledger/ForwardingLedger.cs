using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

/// <summary>Passes everything on to another ledger; a test changes what it is about.</summary>
public abstract class ForwardingLedger(ILedger inner) : ILedger
{
    /// <inheritdoc/>
    public virtual ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default) =>
        inner.CommitAsync(tenant, commit, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default) =>
        inner.ReadRowAsync(tenant, key, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Row>> ScanRowsAsync(string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default) =>
        inner.ScanRowsAsync(tenant, prefix, after, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default) =>
        inner.ScanDueAsync(until, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<CallRecord?> ReadCallAsync(string tenant, string run, string callKey, CancellationToken cancellationToken = default) =>
        inner.ReadCallAsync(tenant, run, callKey, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(string tenant, string run, CancellationToken cancellationToken = default) =>
        inner.ReadRunCallsAsync(tenant, run, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default) =>
        inner.ReadEntriesAsync(tenant, fromSequence, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
        inner.ReadRunEntriesAsync(tenant, run, afterSequence, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default) => inner.ReadHeadAsync(tenant, cancellationToken);
}
