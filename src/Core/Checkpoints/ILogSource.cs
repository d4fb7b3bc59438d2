using Countersign.Ledger;

namespace Countersign.Checkpoints;

/// <summary>
/// A log as its sealer reads it: the hashed bytes of entries and nothing else, by an identity that can write nothing. Sources:
/// the journal of one machine (<c>Countersign.Engine</c>, opened for reading beside the host that owns it) and the tables
/// (<c>Countersign.Azure</c>).
/// </summary>
public interface ILogSource
{
    /// <summary>The names of all tenants that may have a log.</summary>
    /// <exception cref="LedgerUnavailableException">The log cannot be read now.</exception>
    ValueTask<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default);

    /// <summary>The end of a log; what was committed before it is found by the reads that follow.</summary>
    /// <exception cref="LedgerUnavailableException">The log cannot be read now.</exception>
    ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default);

    /// <summary>The entries from a sequence on, in order, without salt and payload.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="fromSequence">The first one, from 1.</param>
    /// <param name="limit">At most this many, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LedgerUnavailableException">The log cannot be read now.</exception>
    ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default);
}
