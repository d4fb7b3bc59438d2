using System.Buffers.Binary;
using System.Numerics;
using Countersign.Ledger;

namespace Countersign.Merkle;

/// <summary>
/// What is left of a tree when only appending and the root are wanted: the roots of its perfect subtrees, one for each
/// bit of the size. At most 63 hashes, whatever the number of leaves. Not safe for concurrent use.
/// </summary>
public sealed class CompactRange
{
    // Largest subtree first, as the bits of the size from the highest.
    private readonly List<Hash256> _roots;

    /// <summary>An empty tree.</summary>
    public CompactRange()
        : this(0, [])
    {
    }

    private CompactRange(long size, List<Hash256> roots)
    {
        Size = size;
        _roots = roots;
    }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a leaf; on average two hashes are computed.</summary>
    /// <param name="leaf">See <see cref="MerkleHash.Leaf(Hash256)"/>.</param>
    /// <param name="completed">Told every node that this leaf completes, itself first; stored, they make proofs cheap.</param>
    public void Append(Hash256 leaf, Action<MerkleNode, Hash256>? completed = null)
    {
        var hash = leaf;
        completed?.Invoke(new MerkleNode(0, Size), hash);
        for (var level = 0; ((Size >> level) & 1) == 1; level++)
        {
            hash = MerkleHash.Node(_roots[^1], hash);
            _roots.RemoveAt(_roots.Count - 1);
            completed?.Invoke(new MerkleNode(level + 1, Size >> (level + 1)), hash);
        }

        _roots.Add(hash);
        Size++;
    }

    /// <summary>The RFC 6962 root over all leaves so far.</summary>
    public Hash256 Root()
    {
        if (_roots.Count == 0)
        {
            return MerkleHash.Empty;
        }

        var root = _roots[^1];
        for (var i = _roots.Count - 2; i >= 0; i--)
        {
            root = MerkleHash.Node(_roots[i], root);
        }

        return root;
    }

    /// <summary>The state: the size in 8 bytes, big-endian, then 32 bytes for each bit of it that is set, highest first.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[sizeof(long) + (_roots.Count * Hash256.Length)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Size);
        for (var i = 0; i < _roots.Count; i++)
        {
            _roots[i].CopyTo(bytes.AsSpan(sizeof(long) + (i * Hash256.Length)));
        }

        return bytes;
    }

    /// <summary>Goes on from a stored state. That the hashes are true cannot be seen from them: compare the root.</summary>
    /// <exception cref="MerkleStateException">The bytes do not have the form that <see cref="ToBytes"/> gives.</exception>
    public static CompactRange FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(long))
        {
            throw new MerkleStateException("the state is shorter than its size field");
        }

        var size = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (size < 0)
        {
            throw new MerkleStateException("the size is negative");
        }

        var count = BitOperations.PopCount((ulong)size);
        if (bytes.Length != sizeof(long) + (count * Hash256.Length))
        {
            throw new MerkleStateException($"a tree of {size} leaves has {count} hashes of {Hash256.Length} bytes");
        }

        var roots = new List<Hash256>(count);
        for (var i = 0; i < count; i++)
        {
            roots.Add(new Hash256(bytes.Slice(sizeof(long) + (i * Hash256.Length), Hash256.Length)));
        }

        return new CompactRange(size, roots);
    }
}
