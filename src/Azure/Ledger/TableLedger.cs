using System.Security.Cryptography;
using Azure.Data.Tables;
using Countersign.Artifacts;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>
/// The ledger in Table Storage: a partition for each tenant, a commit is one entity group transaction. See
/// docs/azure-store.md. Safe for concurrent use, in one process and in many.
/// </summary>
/// <remarks>
/// A tenant's ceiling is just under 1,000 entries a second: two rows each, and 2,000 rows a second in a partition. Events are
/// recognised within their run: one event id always comes with the same run.
/// </remarks>
public sealed class TableLedger : ILedger, IAsyncDisposable
{
    private const int MaxInline = 32 * 1024;
    private const int ManyWriters = 5_000;

    private readonly Dictionary<string, TenantWriter> writers = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly TableParts parts;
    private readonly IArtifactStore apart;
    private readonly TableClient[] tables;
    private bool disposed;

    /// <summary>Opens the ledger of a storage account, whose tables must be there at the first use. Nothing is read or written.</summary>
    /// <param name="account">Makes clients of the account: given options, a client.</param>
    /// <param name="payloads">Where payloads and answers over 32 KiB go, encrypted.</param>
    /// <param name="options">The options.</param>
    public TableLedger(Func<TableClientOptions, TableServiceClient> account, IArtifactStore payloads, TableLedgerOptions options)
    {
        var patient = account(new TableClientOptions());
        var once = new TableClientOptions { Retry = { MaxRetries = 0 } };
        var (tenants, rows) = (patient.GetTableClient(options.Prefix + "tenants"), patient.GetTableClient(options.Prefix + "ledger"));
        tables = [tenants, rows];
        apart = payloads;
        parts = new TableParts(
            options, account(once).GetTableClient(options.Prefix + "ledger"), new TableReader(rows, payloads, options.Parallelism), new TenantRegistry(tenants));
    }

    /// <summary>Opens the ledger of a storage account and creates its tables if they do not exist.</summary>
    /// <param name="account">Makes clients of the account: given options, a client.</param>
    /// <param name="payloads">Where payloads and answers over 32 KiB go, encrypted.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LedgerUnavailableException">The account cannot be reached.</exception>
    public static async Task<TableLedger> OpenAsync(
        Func<TableClientOptions, TableServiceClient> account,
        IArtifactStore payloads,
        TableLedgerOptions options,
        CancellationToken cancellationToken = default)
    {
        var ledger = new TableLedger(account, payloads, options);
        await ledger.CreateTablesAsync(cancellationToken);
        return ledger;
    }

    /// <summary>Creates the tables if they do not exist.</summary>
    /// <exception cref="LedgerUnavailableException">The account cannot be reached.</exception>
    /// <exception cref="LedgerRefusedException">The account does not allow it.</exception>
    internal async Task CreateTablesAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var table in tables)
            {
                await table.CreateIfNotExistsAsync(cancellationToken);
            }
        }
        catch (Exception error) when (TableFaults.IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw TableFaults.Of(error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The commits of one tenant that wait in one process share transactions; one that is refused takes no other with it.</remarks>
    /// <exception cref="ArgumentException">The commit breaks a limit of <see cref="LedgerCommit"/> or <see cref="Row"/>, or has more rows
    /// than a transaction takes: 99, each entry counting as two.</exception>
    /// <exception cref="EntryFormatException">An entry cannot be written in format 1. Nothing was written.</exception>
    public async ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        CommitRules.Check(commit);
        cancellationToken.ThrowIfCancellationRequested();
        var pending = await PrepareAsync(tenant, commit, cancellationToken);
        if (pending.Weight >= LedgerTransaction.MaxEntities || pending.Size > LedgerTransaction.MaxSize)
        {
            throw new ArgumentException("The commit has more rows or bytes than one transaction takes.", nameof(commit));
        }

        if (pending.Weight == 0)
        {
            return new CommitReceipt(false, (await ReadHeadAsync(tenant, cancellationToken)).Sequence);
        }

        Take(tenant, pending);
        return await pending.Done.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(key, "row key");
        return ReadAsync(tenant, partition => parts.Reader.RowAsync(partition, key, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Row>> ScanRowsAsync(
        string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        CommitRules.CheckText(prefix, "prefix");
        CommitRules.CheckText(after ?? "", "key");
        return ReadAsync<IReadOnlyList<Row>>(
            tenant, async partition => await parts.Reader.RowsAsync(partition, prefix, after, null, limit, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Costs one query for the names of the tenants, and one for each tenant: the rows are in the tenants' own partitions.</remarks>
    public async ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        try
        {
            var tenants = await parts.Tenants.ReadAsync(cancellationToken);
            var found = new List<Row>[tenants.Count];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, tenants.Count),
                new ParallelOptions { MaxDegreeOfParallelism = parts.Options.Parallelism, CancellationToken = cancellationToken },
                async (i, stop) => found[i] = await parts.Reader.RowsAsync(
                    TableKeys.Partition(tenants[i]), RowKeys.DuePrefix, null, RowKeys.DueEnd(until), limit, stop));
            return
            [
                .. found
                    .SelectMany((rows, i) => rows.Select(row => new DueRow(tenants[i], row)))
                    .OrderBy(due => due.Row.Key, StringComparer.Ordinal)
                    .ThenBy(due => due.Tenant, StringComparer.Ordinal)
                    .Take(limit),
            ];
        }
        catch (Exception error) when (TableFaults.IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw TableFaults.Of(error);
        }
    }

    /// <inheritdoc/>
    public ValueTask<CallRecord?> ReadCallAsync(string tenant, string run, string callKey, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(run, "run");
        CommitRules.CheckText(callKey, "call key");
        return ReadAsync(tenant, partition => parts.Reader.CallAsync(tenant, partition, run, callKey, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(string tenant, string run, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckText(run, "run");
        return ReadAsync<IReadOnlyList<CallRecord>>(
            tenant, async partition => await parts.Reader.RunCallsAsync(tenant, partition, run, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        return ReadAsync<IReadOnlyList<StoredEntry>>(
            tenant, async partition => await parts.Reader.EntriesAsync(tenant, partition, fromSequence, limit, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(
        string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        ArgumentException.ThrowIfNullOrEmpty(run);
        CommitRules.CheckText(run, "run");
        return ReadAsync<IReadOnlyList<StoredEntry>>(
            tenant,
            async partition => await parts.Reader.RunEntriesAsync(tenant, partition, run, afterSequence, limit, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default)
    {
        var head = await ReadAsync(tenant, partition => parts.Reader.HeadAsync(partition, cancellationToken), cancellationToken);
        return new LogHead(head.Sequence, head.Hash);
    }

    /// <summary>The names of all tenants that may have a ledger.</summary>
    /// <exception cref="LedgerUnavailableException">The account cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await parts.Tenants.ReadAsync(cancellationToken);
        }
        catch (Exception error) when (TableFaults.IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw TableFaults.Of(error);
        }
    }

    /// <summary>Writes what was taken in.</summary>
    public async ValueTask DisposeAsync()
    {
        List<TenantWriter> last;
        lock (gate)
        {
            disposed = true;
            last = [.. writers.Values];
        }

        await Task.WhenAll(last.Select(writer => writer.Work));
    }

    private async ValueTask<PendingCommit> PrepareAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken)
    {
        var entries = new PendingEntry[commit.Entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            // Refused here, before anything is stored, is what could not be written later.
            var draft = commit.Entries[i];
            StoredEntry.From(draft, new EntryPosition(tenant, 1, Hash256.Zero, 0), new byte[PayloadHash.SaltLength]);
            entries[i] = new PendingEntry(draft) { Apart = await SetApartAsync(tenant, draft.Payload, cancellationToken) };
        }

        var answer = commit.Call?.Answer is { } bytes ? await SetApartAsync(tenant, bytes, cancellationToken) : null;
        return new PendingCommit(commit, entries, answer);
    }

    private async ValueTask<string?> SetApartAsync(string tenant, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length <= MaxInline)
        {
            return null;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        await apart.PutAsync(tenant, hash, bytes, cancellationToken);
        return hash;
    }

    private void Take(string tenant, PendingCommit pending)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!writers.TryGetValue(tenant, out var writer))
            {
                writers[tenant] = writer = new TenantWriter(tenant, parts, Idle);
            }

            writer.Take(pending);
        }
    }

    // A writer that has nothing to do costs only the head that it remembers; with many tenants even that is given up.
    private void Idle(TenantWriter writer)
    {
        lock (gate)
        {
            if (writers.Count > ManyWriters && writer.IsIdle)
            {
                writers.Remove(writer.Tenant);
            }
        }
    }

    private static async ValueTask<T> ReadAsync<T>(string tenant, Func<string, Task<T>> read, CancellationToken cancellationToken)
    {
        CommitRules.CheckTenant(tenant);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await read(TableKeys.Partition(tenant));
        }
        catch (Exception error) when (TableFaults.IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw TableFaults.Of(error);
        }
    }
}
