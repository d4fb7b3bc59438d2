using System.Collections.Immutable;

namespace Countersign.Checkpoints;

/// <summary>The checkpoints of one log, from one place or several copies, opened and put in order.</summary>
/// <param name="Checkpoints">Those that are believed: signed by a trusted key, smallest first, each size once.</param>
/// <param name="Unbelieved">What is there and is not believed, and why.</param>
/// <param name="Forks">Sizes for which two roots were signed.</param>
public sealed record CheckpointCollection(
    ImmutableArray<Checkpoint> Checkpoints, ImmutableArray<CheckpointFault> Unbelieved, ImmutableArray<CheckpointFault> Forks)
{
    /// <summary>Opens all checkpoints of a tenant.</summary>
    /// <param name="places">Where they are kept; several copies are read as one.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="origin">The log; see <see cref="CheckpointOrigin.For"/>.</param>
    /// <param name="trusted">The keys that are trusted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CheckpointsUnavailableException">A place cannot be reached.</exception>
    public static async Task<CheckpointCollection> ReadAsync(
        IEnumerable<ICheckpointStore> places,
        string tenant,
        string origin,
        IReadOnlyCollection<CheckpointKey> trusted,
        CancellationToken cancellationToken = default)
    {
        var believed = new SortedDictionary<long, Checkpoint>();
        var unbelieved = ImmutableArray.CreateBuilder<CheckpointFault>();
        var forks = ImmutableArray.CreateBuilder<CheckpointFault>();
        foreach (var place in places)
        {
            await foreach (var stored in place.ReadAllAsync(tenant, cancellationToken))
            {
                try
                {
                    var checkpoint = Open(stored, origin, trusted);
                    if (!believed.TryAdd(checkpoint.Size, checkpoint) && believed[checkpoint.Size].Root != checkpoint.Root)
                    {
                        forks.Add(new CheckpointFault(
                            CheckpointErrorCodes.Fork, checkpoint.Size, $"{believed[checkpoint.Size].Root} and {checkpoint.Root} are both signed"));
                    }
                }
                catch (CheckpointException error)
                {
                    unbelieved.Add(new CheckpointFault(error.Code, stored.Size, error.Message));
                }
            }
        }

        return new CheckpointCollection([.. believed.Values], unbelieved.ToImmutable(), forks.ToImmutable());
    }

    /// <summary>Opens a checkpoint that is kept under a size.</summary>
    /// <exception cref="CheckpointException">It is not to be believed.</exception>
    internal static Checkpoint Open(StoredCheckpoint stored, string origin, IReadOnlyCollection<CheckpointKey> trusted)
    {
        var checkpoint = SignedCheckpoint.Open(stored.Note.Span, origin, trusted);
        return checkpoint.Size == stored.Size
            ? checkpoint
            : throw new CheckpointException(CheckpointErrorCodes.Misplaced, $"a checkpoint of {checkpoint.Size} entries is kept as one of {stored.Size}");
    }
}
