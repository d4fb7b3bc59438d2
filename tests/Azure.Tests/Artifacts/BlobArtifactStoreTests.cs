using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Countersign.Artifacts;
using Countersign.Azure.Artifacts;
using Countersign.Conformance.Artifacts;
using Countersign.Tests.Tools;

namespace Countersign.Azure.Tests.Artifacts;

[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class BlobArtifactStoreTests(Azurite azurite) : ArtifactStoreConformance
{
    private static readonly byte[] Key = SHA256.HashData("a key"u8);

    private readonly BlobContainerClient container =
        new(azurite.ConnectionString, "t" + Guid.NewGuid().ToString("N")[..16]);

    [Fact]
    public async Task GetAsync_AnotherKey_IsCorrupt()
    {
        await Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());
        var other = await BlobArtifactStore.OpenAsync(container, SHA256.HashData("another key"u8));

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => other.GetAsync(Acme, Hash("a")));
    }

    [Fact]
    public async Task OpenAsync_KeyOfAnotherLength_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => BlobArtifactStore.OpenAsync(container, new byte[31]));

    protected override async Task<IArtifactStore> OpenAsync() => await BlobArtifactStore.OpenAsync(container, Key);

    protected override async Task DamageAsync(string tenant, string hash, Func<byte[], byte[]> change)
    {
        var blob = container.GetBlobClient($"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))}/{hash}");
        var stored = (await blob.DownloadContentAsync()).Value.Content.ToArray();
        await blob.UploadAsync(BinaryData.FromBytes(change(stored)), overwrite: true);
    }

    protected override async Task CleanAsync() => await container.DeleteIfExistsAsync();
}
