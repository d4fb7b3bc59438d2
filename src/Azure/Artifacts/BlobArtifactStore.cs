using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Countersign.Artifacts;
using Countersign.Ledger;

namespace Countersign.Azure.Artifacts;

/// <summary>
/// Artifacts as blobs, each encrypted with its tenant's key before it leaves the process, and named by its content's hash under a
/// hash of the tenant. Safe for concurrent use, in one process and in many.
/// </summary>
public sealed class BlobArtifactStore : IArtifactStore
{
    private readonly ConcurrentDictionary<string, TenantPlace> tenants = new(StringComparer.Ordinal);
    private readonly BlobContainerClient container;
    private readonly byte[] key;

    /// <summary>Opens the artifacts of a container, which must be there at the first use. Nothing is read or written.</summary>
    /// <param name="container">The container.</param>
    /// <param name="key">The key from which every tenant's is derived: 32 bytes, kept apart from the storage account.</param>
    /// <exception cref="ArgumentException">The key does not have 32 bytes.</exception>
    public BlobArtifactStore(BlobContainerClient container, byte[] key)
    {
        if (key.Length != SealedArtifact.KeyLength)
        {
            throw new ArgumentException($"The key of the artifacts has {SealedArtifact.KeyLength} bytes, not {key.Length}.", nameof(key));
        }

        (this.container, this.key) = (container, key);
    }

    /// <summary>Opens the artifacts of a container and creates it, without public access, if it does not exist.</summary>
    /// <param name="container">The container.</param>
    /// <param name="key">The key from which every tenant's is derived: 32 bytes, kept apart from the storage account.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The key does not have 32 bytes.</exception>
    /// <exception cref="LedgerUnavailableException">The container cannot be reached.</exception>
    public static async Task<BlobArtifactStore> OpenAsync(BlobContainerClient container, byte[] key, CancellationToken cancellationToken = default)
    {
        var store = new BlobArtifactStore(container, key);
        await store.CreateContainerAsync(cancellationToken);
        return store;
    }

    internal async Task CreateContainerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await container.CreateIfNotExistsAsync(PublicAccessType.None, cancellationToken: cancellationToken);
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Fault(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public async Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        var place = Place(tenant);
        var sealedContent = SealedArtifact.Seal(place.Key, tenant, hash, content.Span);
        try
        {
            await Blob(place, hash).UploadAsync(
                BinaryData.FromBytes(sealedContent),
                new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } },
                cancellationToken);
        }
        catch (RequestFailedException there) when (there.Status is 409 && there.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            // The same content under the same name, whoever was first.
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Fault(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public async Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        var place = Place(tenant);
        try
        {
            var found = await Blob(place, hash).DownloadContentAsync(cancellationToken);
            return SealedArtifact.Open(place.Key, tenant, hash, found.Value.Content);
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Fault(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public async Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        try
        {
            await Blob(Place(tenant), hash).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken);
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Fault(error);
        }
    }

    private static bool IsTrouble(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is RequestFailedException or HttpRequestException or IOException or TimeoutException or OperationCanceledException or AggregateException;

    private static Exception Fault(Exception error) =>
        StorageFaults.RefusalOf(error) ?? (Exception)new LedgerUnavailableException($"The artifacts cannot be reached: {error.Message}", error);

    private BlobClient Blob(TenantPlace place, string hash) => container.GetBlobClient($"{place.Folder}/{hash}");

    private TenantPlace Place(string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        return tenants.GetOrAdd(tenant, static (name, key) => new TenantPlace(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), SealedArtifact.DeriveKey(key, name)), key);
    }

    private sealed record TenantPlace(string Folder, byte[] Key);
}
