using Azure;
using Azure.Data.Tables;

namespace Countersign.Azure.Ledger;

/// <summary>
/// The names of all tenants that may have a ledger. A name is written before the tenant's first commit, so a tenant without a
/// ledger may be among them, but no ledger is without its tenant.
/// </summary>
internal sealed class TenantRegistry(TableClient table)
{
    private const string Partition = "tenant";

    public Task AddAsync(string tenant) =>
        table.UpsertEntityAsync(new TableEntity(Partition, TableKeys.Partition(tenant)) { ["Name"] = tenant }, TableUpdateMode.Replace);

    public async Task<List<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var query = table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), 1000, ["Name"], cancellationToken);
        await foreach (var row in query)
        {
            names.Add(row.GetString("Name"));
        }

        return names;
    }
}
