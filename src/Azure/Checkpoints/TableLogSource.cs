using Azure.Data.Tables;
using Countersign.Azure.Ledger;
using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Azure.Checkpoints;

/// <summary>
/// The logs in the tables, for a sealer: heads, the names of tenants, and the hashed bytes of entries. It needs to read two tables
/// and nothing else; payloads, and the key they are encrypted with, it never sees. Safe for concurrent use.
/// </summary>
/// <param name="account">A client of the storage account.</param>
/// <param name="prefix">What the tables' names start with. Default <c>countersign</c>.</param>
public sealed class TableLogSource(TableServiceClient account, string prefix = "countersign") : ILogSource
{
    private readonly TableClient rows = account.GetTableClient(prefix + "ledger");
    private readonly TenantRegistry tenants = new(account.GetTableClient(prefix + "tenants"));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default) =>
        await ReadAsync(() => tenants.ReadAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        var found = await ReadAsync(
            () => rows.GetEntityIfExistsAsync<TableEntity>(TableKeys.Partition(tenant), TableKeys.Head, cancellationToken: cancellationToken),
            cancellationToken);
        return found.HasValue && LedgerHead.From(found.Value!) is { Sequence: > 0 } head ? new LogHead(head.Sequence, head.Hash) : default;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default)
    {
        CommitRules.CheckTenant(tenant);
        CommitRules.CheckLimit(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        var last = fromSequence > long.MaxValue - limit ? long.MaxValue : fromSequence + limit - 1;
        return await ReadAsync(() => SpanAsync(TableKeys.Partition(tenant), fromSequence, last, cancellationToken), cancellationToken);
    }

    private async Task<List<StoredEntry>> SpanAsync(string partition, long first, long last, CancellationToken cancellationToken)
    {
        var entries = new List<StoredEntry>();
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {partition} and RowKey ge {TableKeys.Entry(first)} and RowKey le {TableKeys.Entry(last)}");
        await foreach (var row in rows.QueryAsync<TableEntity>(filter, 1000, ["RowKey", "Bytes"], cancellationToken))
        {
            // A row of another sequence's entry is seen by its bytes; a row without bytes is no entry, which the chain then misses.
            entries.Add(new StoredEntry(row.GetBinary("Bytes") ?? [], default, default));
        }

        return entries;
    }

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await read();
        }
        catch (Exception error) when (TableFaults.IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw TableFaults.Of(error);
        }
    }
}
