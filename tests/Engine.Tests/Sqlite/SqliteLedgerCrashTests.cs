using System.Text;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class SqliteLedgerCrashTests
{
    [Fact]
    public async Task Open_AfterKillsAmidCommits_HasEverythingAcknowledgedAndNothingByHalves()
    {
        using var folder = new TempFolder();
        var acknowledged = new List<string>();
        foreach (var kill in (int[])[1, 40, 333, 1500])
        {
            using var child = CrashChild.Start(folder.Path);
            await child.WorkAsync(kill);
            acknowledged.AddRange(await child.KillAsync());

            using var data = DataFolder.Open(folder.Path, TimeProvider.System);
            await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
            var log = await IntactAsync(ledger);
            Assert.Empty(acknowledged.Except(log));
            foreach (var id in log)
            {
                Assert.NotNull(await ledger.ReadRowAsync(CrashChild.Tenant, "row|" + id));
                Assert.NotNull(await ledger.ReadCallAsync(CrashChild.Tenant, id, "call"));
            }

            Assert.Equal(log.Count, await RowsAsync(ledger));
        }
    }

    [Fact]
    public async Task DataFolder_OfALivingHost_IsRefusedAndOfADeadOneTaken()
    {
        using var folder = new TempFolder();
        using var child = CrashChild.Start(folder.Path);
        await child.WorkAsync(1);

        var refused = Assert.Throws<DataFolderInUseException>(() => DataFolder.Open(folder.Path, TimeProvider.System));
        Assert.Equal((child.ProcessId, Environment.MachineName), (refused.Owner!.ProcessId, refused.Owner.Host));
        Assert.Contains($"process {child.ProcessId} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);

        await child.KillAsync();
        using var data = DataFolder.Open(folder.Path, TimeProvider.System);
        Assert.True(Directory.Exists(data.Keys));
    }

    private static async Task<List<string>> IntactAsync(SqliteLedger ledger)
    {
        var ids = new List<string>();
        var previous = Hash256.Zero;
        for (var page = await ledger.ReadEntriesAsync(CrashChild.Tenant, 1, 1000); page.Count > 0;
            page = await ledger.ReadEntriesAsync(CrashChild.Tenant, ids.Count + 1, 1000))
        {
            foreach (var stored in page)
            {
                var entry = EntryCodec.Read(stored.Bytes.Span);
                Assert.Equal(ids.Count + 1, entry.Sequence);
                Assert.Equal(previous, entry.PreviousHash);
                previous = stored.Hash();
                ids.Add(Encoding.UTF8.GetString(entry.EventId));
            }
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        return ids;
    }

    private static async Task<int> RowsAsync(SqliteLedger ledger)
    {
        var count = 0;
        for (var page = await ledger.ScanRowsAsync(CrashChild.Tenant, "row|", null, 1000); page.Count > 0;
            page = await ledger.ScanRowsAsync(CrashChild.Tenant, "row|", page[^1].Key, 1000))
        {
            count += page.Count;
        }

        return count;
    }
}
