using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Checkpoints;

/// <summary>
/// Where a sealer goes on from: the hash of the last entry and what is left of the tree, at most 63 hashes. Believed only where
/// its root is the one that was signed.
/// </summary>
public sealed class SealState
{
    private readonly byte[] _tree;

    private SealState(Hash256 head, byte[] tree, long size) => (Head, _tree, Size) = (head, tree, size);

    /// <summary>The beginning of every log.</summary>
    public static SealState Empty { get; } = From(Hash256.Zero, new CompactRange());

    /// <summary>Hash of the last entry; 32 zero bytes where there is none.</summary>
    public Hash256 Head { get; }

    /// <summary>Number of entries.</summary>
    public long Size { get; }

    /// <summary>Takes the state of a tree.</summary>
    /// <param name="head">Hash of the last entry.</param>
    /// <param name="tree">The tree; it may be appended to afterwards.</param>
    public static SealState From(Hash256 head, CompactRange tree) => new(head, tree.ToBytes(), tree.Size);

    /// <summary>A tree to go on with.</summary>
    public CompactRange Tree() => CompactRange.FromBytes(_tree);

    /// <summary>The bytes: the head, then <see cref="CompactRange.ToBytes"/>.</summary>
    public byte[] ToBytes() => [.. Head.ToArray(), .. _tree];

    /// <summary>Reads a state; null where the bytes are none, or are not of this checkpoint.</summary>
    public static SealState? Read(ReadOnlySpan<byte> bytes, Checkpoint checkpoint)
    {
        if (bytes.Length < Hash256.Length)
        {
            return null;
        }

        try
        {
            var tree = CompactRange.FromBytes(bytes[Hash256.Length..]);
            return tree.Size == checkpoint.Size && tree.Root() == checkpoint.Root ? From(new Hash256(bytes[..Hash256.Length]), tree) : null;
        }
        catch (MerkleStateException)
        {
            return null;
        }
    }
}
