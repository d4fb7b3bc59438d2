using Countersign.Ledger;

namespace Countersign.Merkle;

/// <summary>A whole tree in memory, about 64 bytes a leaf. Not safe for concurrent use.</summary>
public sealed class MerkleTree
{
    private readonly CompactRange _range = new();
    private readonly List<List<Hash256>> _levels = [];

    /// <summary>Number of leaves.</summary>
    public long Size => _range.Size;

    /// <summary>Adds a leaf.</summary>
    /// <param name="leaf">See <see cref="MerkleHash.Leaf(Hash256)"/>.</param>
    public void Append(Hash256 leaf) => _range.Append(leaf, Keep);

    /// <summary>The root over all leaves.</summary>
    public Hash256 Root() => _range.Root();

    /// <summary>The root as it was when the tree had so many leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative or beyond the tree's.</exception>
    public Hash256 Root(long size) => MerkleProof.Root(Within(size), Read);

    /// <summary>Proves that a leaf is in the tree of the given size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The leaf is not in the tree, or the size is beyond the tree's.</exception>
    public Hash256[] Inclusion(long index, long size) => MerkleProof.Inclusion(index, Within(size), Read);

    /// <summary>Proves that the tree of the second size begins with the tree of the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sizes are not 1 ≤ first ≤ second ≤ the tree's.</exception>
    public Hash256[] Consistency(long first, long second) => MerkleProof.Consistency(first, Within(second), Read);

    /// <summary>The hash of a perfect subtree.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node yet.</exception>
    public Hash256 Read(MerkleNode node) => _levels[node.Level][checked((int)node.Index)];

    private void Keep(MerkleNode node, Hash256 hash)
    {
        if (node.Level == _levels.Count)
        {
            _levels.Add([]);
        }

        _levels[node.Level].Add(hash);
    }

    private long Within(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return size;
    }
}
