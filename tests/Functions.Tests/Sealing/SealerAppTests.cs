using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure;
using Countersign.Azure.Checkpoints;
using Countersign.Azure.Ledger;
using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Functions.Tests.Sealing;

/// <summary>The sealer as it is deployed: an app of its own, which sees nothing of the writer but its tables.</summary>
[NeedsFunctionsHost]
public sealed class SealerAppTests(SealerHost host) : IClassFixture<SealerHost>
{
    private const string Tenant = "acme";
    private const string Origin = "log.example.com/test/acme";

    [Fact]
    public async Task SealLogs_GrowingThenTamperedLog_SignsAndThenRefuses()
    {
        var stores = await AzureStores.CreateAsync(new AzureStoresOptions { ConnectionString = host.Logs.ConnectionString, ArtifactKey = FunctionsHost.ArtifactKey });
        await WriteAsync(stores.Ledger, 1, 30);
        host.Start();
        var place = new BlobCheckpointStore(new BlobContainerClient(host.Checkpoints, "checkpoints"));
        await host.UntilAsync(async () => await NewestAsync(place) == 30);

        await WriteAsync(stores.Ledger, 31, 20);
        await host.UntilAsync(async () => await NewestAsync(place) == 50);
        var key = CheckpointKey.FromPem(await File.ReadAllTextAsync(host.PublicKey));
        var kept = await CheckpointCollection.ReadAsync([place], Tenant, Origin, [key]);
        Assert.Empty(kept.Unbelieved);
        
        // A round may fall between the writes.
        var sizes = kept.Checkpoints.Select(checkpoint => checkpoint.Size).ToList();
        Assert.Equal((30, 50), (sizes[0], sizes[^1]));
        Assert.Equal(sizes.Distinct().Order(), sizes);
        var audit = new CheckpointAudit(Tenant, kept.Checkpoints);
        foreach (var entry in await stores.Ledger.ReadEntriesAsync(Tenant, 1, 1000))
        {
            audit.Add(entry);
        }

        Assert.Equal(50, audit.Finish().Covered);
        await RollBackAsync(40);
        await host.UntilAsync(() => Task.FromResult(
            host.Output.Contains("Refused acme: checkpoint.log-shorter at 50", StringComparison.Ordinal)
            && host.Output.Contains("Functions.SealLogs' (Failed", StringComparison.Ordinal)
            && host.Output.Contains("Functions.RecheckLogs' (Failed", StringComparison.Ordinal)));
        Assert.Equal(50, await NewestAsync(place));
        await stores.Ledger.DisposeAsync();
    }

    private static async Task<long> NewestAsync(BlobCheckpointStore place)
    {
        try
        {
            return (await place.ReadNewestAsync(Tenant))?.Size ?? 0;
        }
        catch (CheckpointsUnavailableException)
        {
            // The container is made by the first round.
            return 0;
        }
    }

    private static async Task WriteAsync(TableLedger ledger, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            var entry = new EntryDraft
            {
                EventId = EventId.InRun("run", "p", 1, 1, 1, EventTypes.StepCompleted, $"{i}"),
                Type = EventTypes.StepCompleted,
                Run = "run",
                Payload = "{}"u8.ToArray(),
            };
            await ledger.CommitAsync(Tenant, new LedgerCommit { Entries = [entry] });
        }
    }

    // As somebody does it who may write the tables: an older state of the log, whole in itself.
    private async Task RollBackAsync(int size)
    {
        var table = new TableClient(host.Logs.ConnectionString, "countersignledger");
        var head = (await table.GetEntityAsync<TableEntity>(Tenant, "head")).Value;
        for (var sequence = (int)head.GetInt64("Sequence")!; sequence > size; sequence--)
        {
            await table.DeleteEntityAsync(Tenant, $"e|{sequence:D20}");
        }

        var last = (await table.GetEntityAsync<TableEntity>(Tenant, $"e|{size:D20}")).Value;
        head["Sequence"] = (long)size;
        head["Hash"] = Hash256.Of(last.GetBinary("Bytes")).ToArray();
        await table.UpdateEntityAsync(head, head.ETag, TableUpdateMode.Replace);
    }
}
