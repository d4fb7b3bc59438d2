using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Ledger;

// A process of one or more writers, for tests that kill it: connection string, prefix, tenant, name, writers, entries of each. It says what
// was acknowledged, one event id a line; started again, it repeats everything, as a caller does who does not know how far it came.
var (connection, prefix, tenant, name) = (args[0], args[1], args[2], args[3]);
var (writers, entries) = (int.Parse(args[4], null), int.Parse(args[5], null));
var payloads = await BlobArtifactStore.OpenAsync(new BlobServiceClient(connection).GetBlobContainerClient(prefix + "-payloads"), new byte[32]);
await using var ledger = await TableLedger.OpenAsync(
    options => new TableServiceClient(connection, options), payloads, new TableLedgerOptions { Prefix = prefix });
await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
{
    for (var i = 0; i < entries; i++)
    {
        var id = $"{name}/{writer}/{i}";
        var receipt = await ledger.CommitAsync(tenant, new LedgerCommit
        {
            Entries = [new EntryDraft { EventId = id, Type = EventTypes.StepCompleted, Run = "run-" + name, Payload = "{}"u8.ToArray() }],
        });
        await Console.Out.WriteLineAsync($"{(receipt.Repeated ? "again" : "first")} {id}");
    }
}));
