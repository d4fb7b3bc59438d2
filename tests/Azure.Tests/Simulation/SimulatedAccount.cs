using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Countersign.Azure.Tests.Simulation;

/// <summary>A client of an account whose tables are simulated; every process has one.</summary>
internal sealed class SimulatedAccount(SimulatedTable ledger, SimulatedTable tenants) : TableServiceClient
{
    public override TableClient GetTableClient(string tableName) =>
        new SimulatedClient(tableName.EndsWith("ledger", StringComparison.Ordinal) ? ledger : tenants);

    private sealed class SimulatedClient(SimulatedTable table) : TableClient
    {
        public override Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult<Response<TableItem>>(null!);

        public override async Task<Response> UpsertEntityAsync<T>(T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default) =>
            (await table.SubmitAsync([new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity)], cancellationToken))[0];

        public override async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
            string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default) =>
            await table.FindAsync(partitionKey, rowKey) is { } row ? new Found<T>((T)(ITableEntity)row) : new Found<T>(default);

        public override async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
            IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default) =>
            Response.FromValue(await table.SubmitAsync([.. transactionActions], cancellationToken), new Answered(default));
    }

    private sealed class Found<T>(T? value) : NullableResponse<T>
    {
        public override bool HasValue => value is not null;

        public override T Value => value!;

        public override Response GetRawResponse() => new Answered(default);
    }
}

/// <summary>An answer that carries a version and nothing else.</summary>
internal sealed class Answered(ETag version) : Response
{
    public override int Status => 204;

    public override string ReasonPhrase => "No Content";

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = "";

    public override void Dispose()
    {
    }

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = name == "ETag" && version != default ? version.ToString("H") : null;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }
}

/// <summary>The numbers of a simulation: the same for the same seed.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    /// <summary>From 0 up to and without a bound.</summary>
    public int Next(int bound)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }
}
