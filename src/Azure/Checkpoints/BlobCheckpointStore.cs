using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Countersign.Checkpoints;

namespace Countersign.Azure.Checkpoints;

/// <summary>
/// Checkpoints as blobs that are made once (<c>If-None-Match: *</c>), under the names of <see cref="CheckpointName"/>. That nobody
/// replaces or removes them is for the container's immutability policy to see to. Safe for concurrent use, also by several processes.
/// </summary>
/// <param name="container">The container; it must be there, for a sealer has no right to make one.</param>
public sealed class BlobCheckpointStore(BlobContainerClient container) : ICheckpointStore
{
    /// <inheritdoc/>
    public async ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default)
    {
        await foreach (var size in SizesAsync(tenant, 1, cancellationToken))
        {
            return await ReadAsync(tenant, size, cancellationToken);
        }

        return null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var sizes = new List<long>();
        await foreach (var size in SizesAsync(tenant, null, cancellationToken))
        {
            sizes.Add(size);
        }

        for (var i = sizes.Count - 1; i >= 0; i--)
        {
            yield return await ReadAsync(tenant, sizes[i], cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await Blob(tenant, CheckpointName.State(size)).DownloadContentAsync(cancellationToken);
            return found.Value.Content.ToMemory();
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Unavailable(error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredCheckpoint?> CreateAsync(
        string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
    {
        await CreateAsync(tenant, CheckpointName.State(checkpoint.Size), state, cancellationToken);
        return await CreateAsync(tenant, CheckpointName.Note(checkpoint.Size), checkpoint.Note, cancellationToken)
            ? null
            : await ReadAsync(tenant, checkpoint.Size, cancellationToken);
    }

    private async Task<bool> CreateAsync(string tenant, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(tenant, name).UploadAsync(
                BinaryData.FromBytes(bytes),
                new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException there) when (there.ErrorCode == BlobErrorCode.BlobAlreadyExists || there.ErrorCode == BlobErrorCode.BlobImmutableDueToPolicy)
        {
            // Also one's own request that was repeated after its answer was lost.
            return false;
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Unavailable(error);
        }
    }

    // Newest first, as the names are made for; the states come after all of them.
    private async IAsyncEnumerable<long> SizesAsync(string tenant, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = CheckpointName.Folder(tenant) + "/";
        var pages = container.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", folder, cancellationToken)
            .AsPages(pageSizeHint: pageSize).GetAsyncEnumerator(cancellationToken);
        await using var end = pages;
        while (await NextAsync(pages, cancellationToken))
        {
            foreach (var item in pages.Current.Values)
            {
                if (item.IsBlob && CheckpointName.SizeOf(item.Blob.Name[folder.Length..]) is { } size)
                {
                    yield return size;
                }
            }
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<Page<BlobHierarchyItem>> pages, CancellationToken cancellationToken)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Unavailable(error);
        }
    }

    private async Task<StoredCheckpoint> ReadAsync(string tenant, long size, CancellationToken cancellationToken)
    {
        try
        {
            // One byte more than a note may have is enough to see that it is none.
            var found = await Blob(tenant, CheckpointName.Note(size)).DownloadStreamingAsync(cancellationToken: cancellationToken);
            await using var stream = found.Value.Content;
            var bytes = new byte[SignedNote.MaxLength + 1];
            var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return new StoredCheckpoint(size, bytes.AsMemory(0, read));
        }
        catch (Exception error) when (IsTrouble(error, cancellationToken))
        {
            throw Unavailable(error);
        }
    }

    private BlobClient Blob(string tenant, string name) => container.GetBlobClient($"{CheckpointName.Folder(tenant)}/{name}");

    private static bool IsTrouble(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is RequestFailedException or HttpRequestException or IOException or TimeoutException or OperationCanceledException or AggregateException;

    private static CheckpointsUnavailableException Unavailable(Exception error) => new($"The checkpoints cannot be reached: {error.Message}", error);
}
