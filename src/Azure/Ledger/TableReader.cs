using Azure;
using Azure.Data.Tables;
using Countersign.Artifacts;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>The queries: point reads and ranges of row keys, nothing else.</summary>
internal sealed class TableReader(TableClient table, IArtifactStore apart, int parallelism)
{
    // Entries of other runs in between are read along where that is cheaper than another query.
    private const int WorthReadingAlong = 8;

    public async Task<LedgerHead> HeadAsync(string partition, CancellationToken cancellationToken = default) =>
        await FindAsync(partition, TableKeys.Head, null, cancellationToken) is { } row ? LedgerHead.From(row) : LedgerHead.None;

    public async Task<Row?> RowAsync(string partition, string key, CancellationToken cancellationToken) =>
        await FindAsync(partition, TableKeys.Row(key), null, cancellationToken) is { } row ? RowOf(row) : null;

    public async Task<bool> IsThereAsync(string partition, string rowKey) => await FindAsync(partition, rowKey, ["RowKey"], default) is not null;

    public async Task<List<Row>> RowsAsync(
        string partition, string prefix, string? after, string? before, int limit, CancellationToken cancellationToken)
    {
        var start = TableKeys.RowsOf(prefix);
        var end = before is null ? TableKeys.After(start) : TableKeys.Row(before);
        var rows = new List<Row>();
        var filter = after is not null && string.CompareOrdinal(TableKeys.Row(after), start) >= 0
            ? TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {TableKeys.Row(after)} and RowKey lt {end}")
            : TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {start} and RowKey lt {end}");
        await foreach (var row in table.QueryAsync<TableEntity>(filter, limit, null, cancellationToken))
        {
            if (RowOf(row) is var found && found.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                rows.Add(found);
                if (rows.Count == limit)
                {
                    break;
                }
            }
        }

        return rows;
    }

    public async Task<CallRecord?> CallAsync(string tenant, string partition, string run, string key, CancellationToken cancellationToken)
    {
        return await FindAsync(partition, TableKeys.Call(run, key), null, cancellationToken) is { } row
            ? await CallOfAsync(tenant, run, row, cancellationToken)
            : null;
    }

    public async Task<List<CallRecord>> RunCallsAsync(string tenant, string partition, string run, CancellationToken cancellationToken)
    {
        var start = TableKeys.CallsOf(run);
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {start} and RowKey lt {TableKeys.After(start)}"), cancellationToken: cancellationToken))
        {
            rows.Add(row);
        }

        var calls = new List<CallRecord>(rows.Count);
        foreach (var row in rows.OrderBy(row => row.Timestamp))
        {
            calls.Add(await CallOfAsync(tenant, run, row, cancellationToken));
        }

        return calls;
    }

    private async Task<CallRecord> CallOfAsync(string tenant, string run, TableEntity row, CancellationToken cancellationToken) => new(
        run,
        row.GetString("Key"),
        row.GetInt32("Number")!.Value,
        row.GetString("Delivery"),
        row.GetString("AnswerAt") is { } place ? await ApartAsync(tenant, place, cancellationToken)
            : row.GetBinary("Answer") is { } answer ? answer.AsMemory()
            : default(ReadOnlyMemory<byte>?),
        Version: row.ETag.ToString());

    /// <summary>The version of a call's record if the transaction with a nonce wrote it.</summary>
    public async Task<string?> CallVersionAsync(string partition, string run, string key, long nonce) =>
        await FindAsync(partition, TableKeys.Call(run, key), ["Nonce"], default) is { } row && row.GetInt64("Nonce") == nonce ? row.ETag.ToString() : null;

    /// <summary>Marks the entries of a commit that are in the log already.</summary>
    /// <returns>The nonces of the transactions that wrote them.</returns>
    public async Task<IReadOnlyList<long>> EventsAsync(string partition, PendingCommit commit)
    {
        var rows = await Task.WhenAll(commit.Entries.Select(entry => FindAsync(partition, entry.EventKey, ["Nonce"], default)));
        for (var i = 0; i < rows.Length; i++)
        {
            commit.Entries[i].IsThere = rows[i] is not null;
        }

        return [.. rows.Where(row => row is not null).Select(row => row!.GetInt64("Nonce")!.Value)];
    }

    public async Task<List<StoredEntry>> EntriesAsync(string tenant, string partition, long from, int limit, CancellationToken cancellationToken)
    {
        var entries = new List<StoredEntry>();
        foreach (var (_, entry) in await SpanAsync(tenant, partition, from, from > long.MaxValue - limit ? long.MaxValue : from + limit - 1, cancellationToken))
        {
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>
    /// The entries of one run. The index is in the order of hashes, so it is read as a whole, and only as far as the head that was
    /// read before it: what is committed meanwhile cannot hide an older entry.
    /// </summary>
    public async Task<List<StoredEntry>> RunEntriesAsync(
        string tenant, string partition, string run, long after, int limit, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(partition, cancellationToken);
        var start = TableKeys.EventsOf(run);
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {partition} and RowKey ge {start} and RowKey lt {TableKeys.After(start)}");
        var sequences = new List<long>();
        await foreach (var row in table.QueryAsync<TableEntity>(filter, 1000, ["Sequence"], cancellationToken))
        {
            if (row.GetInt64("Sequence") is { } sequence && sequence > after && sequence <= head.Sequence)
            {
                sequences.Add(sequence);
            }
        }

        sequences.Sort();
        return await PickAsync(tenant, partition, sequences.GetRange(0, Math.Min(limit, sequences.Count)), cancellationToken);
    }

    private async Task<List<StoredEntry>> PickAsync(string tenant, string partition, List<long> sequences, CancellationToken cancellationToken)
    {
        var spans = new List<(long First, long Last)>();
        foreach (var sequence in sequences)
        {
            if (spans.Count > 0 && sequence - spans[^1].Last <= WorthReadingAlong)
            {
                spans[^1] = (spans[^1].First, sequence);
            }
            else
            {
                spans.Add((sequence, sequence));
            }
        }

        var wanted = sequences.ToHashSet();
        var found = new List<(long, StoredEntry)>[spans.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, spans.Count),
            new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
            async (i, stop) => found[i] = await SpanAsync(tenant, partition, spans[i].First, spans[i].Last, stop));
        return [.. found.SelectMany(span => span).Where(entry => wanted.Contains(entry.Item1)).Select(entry => entry.Item2)];
    }

    private async Task<List<(long Sequence, StoredEntry Entry)>> SpanAsync(
        string tenant, string partition, long first, long last, CancellationToken cancellationToken)
    {
        var entries = new List<(long, StoredEntry)>();
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {partition} and RowKey ge {TableKeys.Entry(first)} and RowKey le {TableKeys.Entry(last)}");
        await foreach (var row in table.QueryAsync<TableEntity>(filter, 1000, null, cancellationToken))
        {
            ReadOnlyMemory<byte> payload = row.GetString("PayloadAt") is { } place
                ? await ApartAsync(tenant, place, cancellationToken)
                : row.GetBinary("Payload") ?? [];
            var sequence = long.Parse(row.RowKey.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
            entries.Add((sequence, new StoredEntry(row.GetBinary("Bytes"), row.GetBinary("Salt") ?? [], payload)));
        }

        return entries;
    }

    // What was erased is gone from the store of payloads; its hash stays in the entry.
    private async Task<ReadOnlyMemory<byte>> ApartAsync(string tenant, string place, CancellationToken cancellationToken) =>
        await apart.GetAsync(tenant, place, cancellationToken) ?? ReadOnlyMemory<byte>.Empty;

    private async Task<TableEntity?> FindAsync(string partition, string rowKey, string[]? select, CancellationToken cancellationToken)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, rowKey, select, cancellationToken);
        return found.HasValue ? found.Value : null;
    }

    private static Row RowOf(TableEntity row) => new(row.GetString("Key") ?? TableKeys.KeyOf(row.RowKey), row.GetBinary("Value") ?? [], row.ETag.ToString());
}
