using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Countersign.Azure.Checkpoints;
using Countersign.Checkpoints;
using Countersign.Conformance.Checkpoints;
using Countersign.Tests.Tools;

namespace Countersign.Azure.Tests.Checkpoints;

[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class BlobCheckpointStoreTests(Azurite azurite) : CheckpointStoreConformance
{
    private readonly BlobContainerClient container = new(azurite.ConnectionString, "t" + Guid.NewGuid().ToString("N")[..16]);

    [Fact]
    public async Task Read_ContainerThatIsNotThere_IsUnavailable()
    {
        var store = new BlobCheckpointStore(new BlobContainerClient(azurite.ConnectionString, "nowhere"));
        await Assert.ThrowsAsync<CheckpointsUnavailableException>(async () => await store.ReadNewestAsync(Acme));
        await Assert.ThrowsAsync<CheckpointsUnavailableException>(() => CreateIn(store));
    }

    [Fact]
    public async Task ReadNewest_OfMany_CostsOneListAndOneRead()
    {
        for (var size = 1; size <= 30; size++)
        {
            await CreateAsync(size, "note", "state");
        }

        // Counted where they are sent: the emulator's access log comes when it comes.
        var counted = new Counted();
        var options = new BlobClientOptions();
        options.AddPolicy(counted, HttpPipelinePosition.PerCall);
        var store = new BlobCheckpointStore(new BlobContainerClient(azurite.ConnectionString, container.Name, options));
        Assert.Equal(30, (await store.ReadNewestAsync(Acme))!.Size);
        Assert.Equal(2, counted.Requests);
    }

    [Fact]
    public async Task Read_HugeBlob_IsReadUpToTheLimitOfANote()
    {
        await container.GetBlobClient($"{CheckpointName.Folder(Acme)}/{CheckpointName.Note(2)}").UploadAsync(BinaryData.FromBytes(new byte[1_000_000]));
        Assert.Equal(SignedNote.MaxLength + 1, (await Store.ReadNewestAsync(Acme))!.Note.Length);
    }

    protected override async Task<ICheckpointStore> OpenAsync()
    {
        await container.CreateIfNotExistsAsync();
        return new BlobCheckpointStore(container);
    }

    protected override async Task CleanAsync() => await container.DeleteIfExistsAsync();

    private static async Task CreateIn(BlobCheckpointStore store) => await store.CreateAsync("acme", new StoredCheckpoint(1, new byte[1]), new byte[1]);

    private sealed class Counted : HttpPipelineSynchronousPolicy
    {
        private int requests;

        public int Requests => Volatile.Read(ref requests);

        public override void OnSendingRequest(HttpMessage message) => Interlocked.Increment(ref requests);
    }
}
