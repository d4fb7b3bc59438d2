using Countersign.Checkpoints;
using Countersign.Conformance.Checkpoints;
using Countersign.Engine.Checkpoints;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Checkpoints;

public sealed class SqliteLogSourceTests : LogSourceConformance
{
    private readonly TempFolder folder = new();

    [Fact]
    public async Task Read_AfterTheHostHasEnded_StillReads()
    {
        await WriteAsync(3);
        await ((SqliteLedger)Ledger).DisposeAsync();
        Assert.Equal(3, (await Source.ReadHeadAsync(Acme)).Sequence);
        using var again = SqliteLogSource.Open(folder["journal.db"]);
        Assert.Equal(3, (await again.ReadEntriesAsync(Acme, 1, 10)).Count);
    }

    [Fact]
    public async Task Read_BeforeThereIsAJournal_IsUnavailableAndMakesNone()
    {
        using var source = SqliteLogSource.Open(folder["none.db"]);
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await source.ReadTenantsAsync());
        Assert.False(File.Exists(folder["none.db"]));
    }

    [Fact]
    public async Task Open_NewerJournal_IsRefused()
    {
        await ((SqliteLedger)Ledger).DisposeAsync();
        using (var connection = Connection.Open(folder["journal.db"], readOnly: false))
        {
            connection.Execute("UPDATE meta SET value = 99 WHERE name = 'version'");
        }

        Assert.Equal(99, Assert.Throws<NewerJournalException>(() => SqliteLogSource.Open(folder["journal.db"])).Found);
    }

    protected override Task<(ILedger Ledger, ILogSource Source)> OpenAsync()
    {
        var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder["journal.db"] });
        return Task.FromResult<(ILedger, ILogSource)>((ledger, SqliteLogSource.Open(folder["journal.db"])));
    }

    protected override async Task CleanAsync()
    {
        ((SqliteLogSource)Source).Dispose();
        await ((SqliteLedger)Ledger).DisposeAsync();
        folder.Dispose();
    }
}
