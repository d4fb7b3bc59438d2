using System.Numerics;
using Countersign.Ledger;

namespace Countersign.Merkle;

/// <summary>
/// Proofs of RFC 6962, section 2.1: made from stored nodes with O(log n) reads, checked (RFC 9162, 2.1.3.2 and 2.1.4.2)
/// from nothing but themselves.
/// </summary>
public static class MerkleProof
{
    /// <summary>The root of the first <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static Hash256 Root(long size, MerkleNodeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? MerkleHash.Empty : Subtree(0, size, nodes);
    }

    /// <summary>Proves that a leaf is in a tree: the hashes beside its way to the root, from the leaf up.</summary>
    /// <param name="index">The leaf, from 0.</param>
    /// <param name="size">Number of leaves.</param>
    /// <param name="nodes">Reads perfect subtrees; called at most 2·log₂(size) times.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ index &lt; size.</exception>
    public static Hash256[] Inclusion(long index, long size, MerkleNodeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<Hash256>();
        var (begin, end) = (0L, size);
        while (end - begin > 1)
        {
            var middle = begin + Split(end - begin);
            if (index < middle)
            {
                proof.Add(Subtree(middle, end, nodes));
                end = middle;
            }
            else
            {
                proof.Add(Subtree(begin, middle, nodes));
                begin = middle;
            }
        }

        proof.Reverse();
        return [.. proof];
    }

    /// <summary>Proves that a tree begins with an earlier state of itself. Empty when both are the same.</summary>
    /// <param name="first">Number of leaves of the earlier state, from 1.</param>
    /// <param name="second">Number of leaves of the later state.</param>
    /// <param name="nodes">Reads perfect subtrees; called at most 2·log₂(second) times.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 ≤ first ≤ second.</exception>
    public static Hash256[] Consistency(long first, long second, MerkleNodeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var proof = new List<Hash256>();
        var (begin, end) = (0L, second);
        while (first != end)
        {
            var middle = begin + Split(end - begin);
            if (first <= middle)
            {
                proof.Add(Subtree(middle, end, nodes));
                end = middle;
            }
            else
            {
                proof.Add(Subtree(begin, middle, nodes));
                begin = middle;
            }
        }

        // Where the earlier state is itself one perfect subtree, its root is known to whoever checks.
        if (begin != 0)
        {
            proof.Add(Subtree(begin, end, nodes));
        }

        proof.Reverse();
        return [.. proof];
    }

    /// <summary>Whether the proof shows the leaf at its place in the tree with that root.</summary>
    /// <param name="index">The leaf, from 0.</param>
    /// <param name="size">Number of leaves.</param>
    /// <param name="leaf">The leaf's hash.</param>
    /// <param name="proof">As <see cref="Inclusion"/> gives it.</param>
    /// <param name="root">The root to be reached.</param>
    /// <returns>False for anything that does not prove exactly that, impossible numbers included.</returns>
    public static bool VerifyInclusion(long index, long size, Hash256 leaf, IReadOnlyList<Hash256> proof, Hash256 root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (at, last, hash) = (index, size - 1, leaf);
        foreach (var beside in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleHash.Node(beside, hash);
                SkipLonely(ref at, ref last);
            }
            else
            {
                hash = MerkleHash.Node(hash, beside);
            }

            at >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether the proof shows that the later tree begins with the earlier one.</summary>
    /// <param name="first">Number of leaves of the earlier state, from 1: an empty tree can be shown to begin nothing.</param>
    /// <param name="second">Number of leaves of the later state.</param>
    /// <param name="firstRoot">Root of the earlier state.</param>
    /// <param name="secondRoot">Root of the later state.</param>
    /// <param name="proof">As <see cref="Consistency"/> gives it.</param>
    /// <returns>False for anything that does not prove exactly that, impossible numbers included.</returns>
    public static bool VerifyConsistency(
        long first, long second, Hash256 firstRoot, Hash256 secondRoot, IReadOnlyList<Hash256> proof)
    {
        if (first < 1 || first > second)
        {
            return false;
        }

        if (first == second)
        {
            return proof.Count == 0 && firstRoot == secondRoot;
        }

        // A perfect earlier state is its own first hash; the proof leaves it out.
        var isPerfect = BitOperations.IsPow2(first);
        if (!isPerfect && proof.Count == 0)
        {
            return false;
        }

        var (at, last) = (first - 1, second - 1);
        while ((at & 1) == 1)
        {
            at >>= 1;
            last >>= 1;
        }

        var start = isPerfect ? firstRoot : proof[0];
        var (earlier, later) = (start, start);
        for (var i = isPerfect ? 0 : 1; i < proof.Count; i++)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                earlier = MerkleHash.Node(proof[i], earlier);
                later = MerkleHash.Node(proof[i], later);
                SkipLonely(ref at, ref last);
            }
            else
            {
                later = MerkleHash.Node(later, proof[i]);
            }

            at >>= 1;
            last >>= 1;
        }

        return last == 0 && earlier == firstRoot && later == secondRoot;
    }

    // A node without a right neighbour rises unchanged until it is one itself.
    private static void SkipLonely(ref long at, ref long last)
    {
        while ((at & 1) == 0 && at != 0)
        {
            at >>= 1;
            last >>= 1;
        }
    }

    // The largest power of two below a count of at least two.
    private static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    // Only the rightmost subtree of a tree can be imperfect; it is put together from the perfect ones it consists of.
    private static Hash256 Subtree(long begin, long end, MerkleNodeReader nodes)
    {
        var count = end - begin;
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return nodes(new MerkleNode(level, begin >> level));
        }

        var middle = begin + Split(count);
        return MerkleHash.Node(Subtree(begin, middle, nodes), Subtree(middle, end, nodes));
    }
}
