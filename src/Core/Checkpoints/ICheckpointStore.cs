namespace Countersign.Checkpoints;

/// <summary>A checkpoint as it is kept.</summary>
/// <param name="Size">The size that it is kept under.</param>
/// <param name="Note">Its bytes, a signed note.</param>
public sealed record StoredCheckpoint(long Size, ReadOnlyMemory<byte> Note);

/// <summary>
/// The place of checkpoints, where nothing is ever replaced or removed: a folder (<c>Countersign.Engine</c>) or a container
/// under an immutability policy (<c>Countersign.Azure</c>). Members throw <see cref="CheckpointsUnavailableException"/> when
/// it cannot be reached.
/// </summary>
public interface ICheckpointStore
{
    /// <summary>The checkpoint of the greatest size; null where there is none.</summary>
    ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default);

    /// <summary>All checkpoints of a tenant, smallest first.</summary>
    IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, CancellationToken cancellationToken = default);

    /// <summary>What the sealer noted beside a checkpoint, to go on from (<see cref="SealState"/>); null where there is nothing.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default);

    /// <summary>Keeps a checkpoint, durably, unless there is one of this size.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="state">What to note beside it. Written first, so that no checkpoint is without.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be kept all the same.</param>
    /// <returns>Null when it was kept; else the one that is there.</returns>
    ValueTask<StoredCheckpoint?> CreateAsync(
        string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default);
}
