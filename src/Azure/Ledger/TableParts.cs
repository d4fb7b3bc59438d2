using Azure.Data.Tables;

namespace Countersign.Azure.Ledger;

/// <summary>What writers of all tenants share.</summary>
/// <param name="Options">The options.</param>
/// <param name="Commits">The ledger's table, through a client that never repeats a request by itself: only the writer knows how to read a conflict.</param>
/// <param name="Reader">Reads.</param>
/// <param name="Tenants">The tenants.</param>
internal sealed record TableParts(TableLedgerOptions Options, TableClient Commits, TableReader Reader, TenantRegistry Tenants);
