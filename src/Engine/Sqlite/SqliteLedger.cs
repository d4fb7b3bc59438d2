using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// The ledger of one machine: an SQLite file in WAL mode with <c>synchronous=FULL</c>, one writer that groups commits
/// under one fsync, and reads on connections of their own. See docs/embedded-store.md. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Every read sees every commit that was acknowledged before it began. Reads are done on the caller's thread and answer
/// at once. Events are recognised within their run: one event id always comes with the same run.
/// </remarks>
public sealed class SqliteLedger : ILedger, IAsyncDisposable
{
    private const int ReaderShare = 16;

    // Reading this many entries through costs about as much as looking a run up in the index.
    private const int TailEntries = 1000;

    private readonly ConcurrentDictionary<string, long> _tenants = new(StringComparer.Ordinal);
    private readonly Connection _connection;
    private readonly JournalCipher _cipher;
    private readonly JournalWriter _writer;
    private readonly Checkpointer _checkpointer;
    private readonly ReaderPool _readers;
    private int _disposed;

    private SqliteLedger(SqliteLedgerOptions options, Connection connection, JournalCipher cipher, long opening)
    {
        (_connection, _cipher) = (connection, cipher);
        _checkpointer = new Checkpointer(Connection.Open(options.Path, readOnly: false), options.CheckpointPages);
        _readers = new ReaderPool(options.Path, options.Readers, Math.Max(64, options.CacheKibibytes / ReaderShare), cipher);
        _writer = new JournalWriter(connection, new GroupWriter(connection, opening, options.Time), _checkpointer, options);
    }

    /// <summary>What the ledger has done since it was opened.</summary>
    public SqliteLedgerStatistics Statistics => _writer.Statistics;

    /// <summary>
    /// Told of every commit that wrote something, on the writer's thread, in the order of the journal, after it is durable and before
    /// its caller is answered. It must return at once and never throw.
    /// </summary>
    public Action<string, LedgerCommit>? Committed
    {
        get => _writer.Committed;
        set => _writer.Committed = value;
    }

    /// <summary>The names of all tenants that ever wrote something.</summary>
    public ValueTask<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read(0, static (reader, _) => reader.Tenants()));
    }

    /// <summary>Opens the journal of a data folder with the key of the folder's artifacts.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="Artifacts.ArtifactKeyException">The key's file is gone or damaged.</exception>
    /// <exception cref="JournalKeyException">The journal was encrypted with another key.</exception>
    public static SqliteLedger Open(DataFolder folder, TimeProvider? time = null) => Open(new SqliteLedgerOptions
    {
        Path = folder.Journal, Time = time ?? TimeProvider.System, Key = Artifacts.FileArtifactStore.KeyOf(folder),
    });

    /// <summary>Opens a journal, creating or migrating it. One process at a time may have it open: see <c>DataFolder</c>.</summary>
    /// <exception cref="NewerJournalException">A newer program wrote the journal.</exception>
    /// <exception cref="LedgerUnavailableException">The file cannot be opened or is no journal.</exception>
    /// <exception cref="JournalKeyException">The journal was encrypted with another key.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static SqliteLedger Open(SqliteLedgerOptions options)
    {
        options.Validate();
        Connection? connection = null;
        try
        {
            connection = Connection.Open(options.Path, readOnly: false);
            connection.Execute(string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{options.CacheKibibytes}"));
            var cipher = new JournalCipher(options.Key);
            var opening = Schema.Prepare(connection, options.Path, cipher.Fingerprint);
            if (options.MaxPages > 0)
            {
                connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {options.MaxPages}"));
            }

            connection.LeaveCheckpoints();
            return new SqliteLedger(options, connection, cipher, opening);
        }
        catch (SqliteException error)
        {
            connection?.Dispose();
            throw new LedgerUnavailableException($"The journal '{options.Path}' cannot be opened: {error.Message}", error);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Waits for room while <see cref="SqliteLedgerOptions.QueueLimit"/> commits are under way. The memory that the commit
    /// refers to must not change before it is answered. Await the result once.
    /// </remarks>
    /// <exception cref="ArgumentException">The commit breaks a limit of <see cref="LedgerCommit"/> or <see cref="Row"/>.</exception>
    /// <exception cref="EntryFormatException">An entry cannot be written in format 1. Nothing was written.</exception>
    public ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        CommitRules.Check(commit);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<CommitReceipt>(cancellationToken)
            : _writer.CommitAsync(CommitRequest.For(tenant, commit, _cipher), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(key, "row key");
        return Read(tenant, key, static (reader, number, key) => reader.Row(number, key), null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Row>> ScanRowsAsync(
        string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        CommitRules.CheckText(prefix, "prefix");
        CommitRules.CheckText(after ?? "", "key");
        return Read<(string, string?, int), IReadOnlyList<Row>>(
            tenant,
            (prefix, after, limit),
            static (reader, number, scan) => reader.Rows(number, scan.Item1, scan.Item2, scan.Item3),
            [],
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read((RowKeys.DueEnd(until), limit), static (reader, scan) => reader.Due(scan.Item1, scan.limit)));
    }

    /// <inheritdoc/>
    public ValueTask<CallRecord?> ReadCallAsync(
        string tenant, string run, string callKey, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(run, "run");
        CommitRules.CheckText(callKey, "call key");
        return Read(
            tenant,
            (run, callKey, JournalKeys.Call(tenant, callKey)),
            static (reader, number, call) => reader.Call(number, call.run, call.callKey, call.Item3),
            null,
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(
        string tenant, string run, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(run, "run");
        return Read<string, IReadOnlyList<CallRecord>>(
            tenant, run, static (reader, number, run) => reader.RunCalls(number, run), [], cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        return Read<(long, int), IReadOnlyList<StoredEntry>>(
            tenant,
            (fromSequence, limit),
            static (reader, number, page) => reader.Entries(number, page.Item1, page.Item2),
            [],
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(
        string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        ArgumentException.ThrowIfNullOrEmpty(run);
        CommitRules.CheckText(run, "run");
        return Read<(string, long, int), IReadOnlyList<StoredEntry>>(
            tenant,
            (run, afterSequence, limit),
            static (reader, number, page) => reader.Head(number).Sequence - page.Item2 <= TailEntries
                ? reader.RunTail(number, page.Item1, page.Item2, page.Item3)
                : reader.RunEntries(number, page.Item1, page.Item2, page.Item3),
            [],
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default) =>
        Read(tenant, 0, static (reader, number, _) => reader.Head(number), default, cancellationToken);

    /// <summary>The sequence of the first entry whose time is not before the given one, found by halving.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="time">The time, compared in microseconds.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The sequence; one more than the newest where all entries are older.</returns>
    public ValueTask<long> FindSequenceAsync(string tenant, DateTimeOffset time, CancellationToken cancellationToken = default)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return Read(tenant, (ticks + 9) / 10, static (reader, number, wanted) => FirstAt(reader, number, wanted), 1, cancellationToken);
    }

    /// <summary>Writes what was taken in, copies the write-ahead log into the file, and closes it.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _writer.Dispose();
            _checkpointer.Dispose();
            _readers.Dispose();
            _connection.Dispose();
            _cipher.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static long FirstAt(LedgerReader reader, long tenant, long wanted)
    {
        var (low, high) = (1L, reader.Head(tenant).Sequence + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (reader.Time(tenant, middle) < wanted)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private ValueTask<TResult> Read<TState, TResult>(
        string tenant, TState state, Func<LedgerReader, long, TState, TResult> read, TResult nothing, CancellationToken cancellationToken)
    {
        CommitRules.CheckTenant(tenant);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        }

        return new(_readers.Read((this, tenant, state, read, nothing), static (reader, what) =>
            what.Item1.Number(reader, what.tenant) is { } number ? what.read(reader, number, what.state) : what.nothing));
    }

    private long? Number(LedgerReader reader, string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var known))
        {
            return known;
        }

        return reader.Tenant(tenant) is { } number ? _tenants[tenant] = number : null;
    }
}
