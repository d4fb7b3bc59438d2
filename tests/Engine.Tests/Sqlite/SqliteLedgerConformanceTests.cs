using Countersign.Conformance.Ledger;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class SqliteLedgerConformanceTests : LedgerConformance
{
    private readonly TempFolder _folder = new();

    protected override Task<ILedger> OpenAsync(TimeProvider time) =>
        Task.FromResult<ILedger>(SqliteLedger.Open(new SqliteLedgerOptions { Path = _folder["journal.db"], Time = time }));

    protected override Task CleanAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
