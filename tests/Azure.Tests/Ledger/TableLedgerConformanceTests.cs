using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Conformance.Ledger;
using Countersign.Ledger;
using Countersign.Tests.Tools;

namespace Countersign.Azure.Tests.Ledger;

[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class TableLedgerConformanceTests(Azurite azurite) : LedgerConformance
{
    private readonly string prefix = "t" + Guid.NewGuid().ToString("N")[..16];

    protected override async Task<ILedger> OpenAsync(TimeProvider time)
    {
        var blobs = new BlobServiceClient(azurite.ConnectionString);
        var payloads = await BlobArtifactStore.OpenAsync(blobs.GetBlobContainerClient(prefix + "-payloads"), new byte[32]);
        return await TableLedger.OpenAsync(
            options => new TableServiceClient(azurite.ConnectionString, options), payloads, new TableLedgerOptions { Prefix = prefix, Time = time });
    }
}
