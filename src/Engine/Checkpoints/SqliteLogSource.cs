using Countersign.Checkpoints;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Checkpoints;

/// <summary>
/// The logs of a journal, read beside the host that owns it: connections that can only read, so the data folder is not taken.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// SQLite needs to write the file <c>journal.db-shm</c> where no host has the journal open and its last one was killed. A sealer
/// under a user of its own, who may only read the folder, is told <see cref="LedgerUnavailableException"/> until a host runs.
/// </remarks>
public sealed class SqliteLogSource : ILogSource, IDisposable
{
    private const int KeptReaders = 1;
    private const int CacheKibibytes = 2_048;

    private readonly ReaderPool _readers;

    private SqliteLogSource(ReaderPool readers) => _readers = readers;

    /// <summary>Opens a journal for reading. That it is not there yet is told by the first read.</summary>
    /// <param name="path">The journal's file; see <see cref="DataFolder.Journal"/>.</param>
    /// <exception cref="NewerJournalException">A newer program wrote the journal.</exception>
    public static SqliteLogSource Open(string path)
    {
        CheckVersion(path);
        return new SqliteLogSource(new ReaderPool(path, KeptReaders, CacheKibibytes, new JournalCipher(null)));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read(0, static (reader, _) => reader.Tenants()));
    }

    /// <inheritdoc/>
    public ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read(tenant, static (reader, name) => reader.Tenant(name) is { } number ? reader.Head(number) : default));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read<(string, long, int), IReadOnlyList<StoredEntry>>((tenant, fromSequence, limit), static (reader, page) =>
            reader.Tenant(page.Item1) is { } number ? [.. reader.Entries(number, page.Item2, page.Item3).Select(entry => entry.Erase())] : []));
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _readers.Dispose();

    private static void CheckVersion(string path)
    {
        try
        {
            using var connection = Connection.Open(path, readOnly: true);
            if (Schema.Version(connection) is var found && found > Schema.Newest)
            {
                throw new NewerJournalException(path, found, Schema.Newest);
            }
        }
        catch (SqliteException)
        {
            // Not there, or not readable at the moment: the reads say so, and the next round may find it.
        }
    }
}
