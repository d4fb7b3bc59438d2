using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Checkpoints;
using Countersign.Azure.Ledger;
using Countersign.Checkpoints;
using Countersign.Conformance.Checkpoints;
using Countersign.Ledger;
using Countersign.Tests.Tools;

namespace Countersign.Azure.Tests.Checkpoints;

[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class TableLogSourceTests(Azurite azurite) : LogSourceConformance
{
    private readonly string prefix = "t" + Guid.NewGuid().ToString("N")[..16];

    [Fact]
    public async Task Read_TablesThatAreNotThere_IsUnavailable()
    {
        var source = new TableLogSource(new TableServiceClient(azurite.ConnectionString), "none");
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await source.ReadTenantsAsync());
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await source.ReadEntriesAsync(Acme, 1, 1));
    }

    [Fact]
    public async Task Read_LargePayload_IsNotFetched()
    {
        await WriteAsync(1);
        azurite.TakeRequests();
        Assert.Single(await Source.ReadEntriesAsync(Acme, 1, 10));
        Assert.DoesNotContain(azurite.TakeRequests(), request => request.Contains("-payloads", StringComparison.Ordinal));
    }

    protected override async Task<(ILedger Ledger, ILogSource Source)> OpenAsync()
    {
        var blobs = new BlobServiceClient(azurite.ConnectionString);
        var payloads = await BlobArtifactStore.OpenAsync(blobs.GetBlobContainerClient(prefix + "-payloads"), new byte[32]);
        var ledger = await TableLedger.OpenAsync(
            options => new TableServiceClient(azurite.ConnectionString, options), payloads, new TableLedgerOptions { Prefix = prefix });
        return (ledger, new TableLogSource(new TableServiceClient(azurite.ConnectionString), prefix));
    }

    protected override async Task CleanAsync() => await ((TableLedger)Ledger).DisposeAsync();
}
