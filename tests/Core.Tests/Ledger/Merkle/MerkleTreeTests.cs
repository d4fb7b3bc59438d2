using Countersign.Ledger;
using Countersign.Merkle;
using FsCheck;
using FsCheck.Fluent;

namespace Countersign.Core.Tests.Ledger.Merkle;

public sealed class MerkleTreeTests
{
    // The eight leaves and the roots that the reference implementations of RFC 6962 share.
    private static readonly string[] Leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Root_KnownLeaves_IsTheKnownRoot()
    {
        var tree = new MerkleTree();
        for (var size = 0; size <= Leaves.Length; size++)
        {
            Assert.Equal(Roots[size], tree.Root().ToString());
            if (size < Leaves.Length)
            {
                tree.Append(MerkleHash.Leaf(Convert.FromHexString(Leaves[size])));
            }
        }
    }

    [Fact]
    public void Leaf_EntryHash_IsTheLeafOfItsBytes()
    {
        var entry = Hash256.Of("entry"u8);

        Assert.Equal(MerkleHash.Leaf(entry.ToArray()), MerkleHash.Leaf(entry));
    }

    // Against the recursive definition of RFC 6962, 2.1, written down again here.
    [Fact]
    public void Proofs_EveryPairUpTo40Leaves_AreTheDefinitionsAndVerify()
    {
        var leaves = LeavesOf(40);
        var tree = TreeOf(leaves);
        for (var size = 1; size <= leaves.Length; size++)
        {
            var root = Mth(leaves.AsSpan(0, size));
            Assert.Equal(root, tree.Root(size));
            for (var m = 0; m < size; m++)
            {
                var inclusion = tree.Inclusion(m, size);
                Assert.Equal(Path(m, leaves.AsSpan(0, size)), inclusion);
                Assert.True(MerkleProof.VerifyInclusion(m, size, leaves[m], inclusion, root));

                var consistency = tree.Consistency(m + 1, size);
                Assert.Equal(SubProof(m + 1, leaves.AsSpan(0, size), true), consistency);
                Assert.True(MerkleProof.VerifyConsistency(m + 1, size, tree.Root(m + 1), root, consistency));
            }
        }
    }

    [Fact]
    public void VerifyInclusion_AnythingElseChanged_IsFalse()
    {
        var leaves = LeavesOf(23);
        var tree = TreeOf(leaves);
        var root = tree.Root();
        for (var index = 0; index < leaves.Length; index++)
        {
            var proof = tree.Inclusion(index, 23);
            for (var other = -1; other <= leaves.Length; other++)
            {
                Assert.Equal(other == index, MerkleProof.VerifyInclusion(other, 23, leaves[index], proof, root));
            }

            for (var i = 0; i < proof.Length; i++)
            {
                Assert.False(MerkleProof.VerifyInclusion(index, 23, leaves[index], Changed(proof, i), root));
            }

            Assert.False(MerkleProof.VerifyInclusion(index, 23, leaves[index], [.. proof, root], root));
            Assert.False(MerkleProof.VerifyInclusion(index, 23, leaves[index], proof[..^1], root));
            Assert.False(MerkleProof.VerifyInclusion(index, 23, Hash256.Zero, proof, root));
            Assert.False(MerkleProof.VerifyInclusion(index, 0, leaves[index], proof, root));
        }
    }

    [Fact]
    public void VerifyConsistency_AnythingElseChanged_IsFalse()
    {
        var tree = TreeOf(LeavesOf(23));
        var root = tree.Root();
        for (var first = 1; first < 23; first++)
        {
            var proof = tree.Consistency(first, 23);
            var earlier = tree.Root(first);
            for (var i = 0; i < proof.Length; i++)
            {
                Assert.False(MerkleProof.VerifyConsistency(first, 23, earlier, root, Changed(proof, i)));
            }

            Assert.False(MerkleProof.VerifyConsistency(first, 23, earlier, root, [.. proof, root]));
            Assert.False(MerkleProof.VerifyConsistency(first, 23, earlier, root, proof[..^1]));
            Assert.False(MerkleProof.VerifyConsistency(first, 23, earlier, root, []));
            Assert.False(MerkleProof.VerifyConsistency(first, 23, Hash256.Zero, root, proof));
            Assert.False(MerkleProof.VerifyConsistency(first, 23, earlier, earlier, proof));
            Assert.False(MerkleProof.VerifyConsistency(first + 1, 23, earlier, root, proof));
            Assert.False(MerkleProof.VerifyConsistency(23, first, root, earlier, proof));
        }

        Assert.False(MerkleProof.VerifyConsistency(0, 23, MerkleHash.Empty, root, []));
        Assert.False(MerkleProof.VerifyConsistency(-1, 23, MerkleHash.Empty, root, []));
        Assert.False(MerkleProof.VerifyConsistency(23, 23, root, root, [root]));
        Assert.True(MerkleProof.VerifyConsistency(23, 23, root, root, []));
    }

    [Fact]
    public void Proofs_LargeTree_ReadLogarithmicallyManyNodes()
    {
        const long size = (1L << 40) - 3;
        var reads = 0;
        Hash256 Read(MerkleNode node)
        {
            reads++;
            Assert.True((node.Index + 1) << node.Level <= size);
            return Hash256.Of(BitConverter.GetBytes(node.Index));
        }

        MerkleProof.Inclusion(12_345_678_901, size, Read);
        Assert.InRange(reads, 40, 80);
        reads = 0;
        MerkleProof.Consistency(12_345_678_901, size, Read);
        Assert.InRange(reads, 10, 80);
    }

    [Fact]
    public void ForAnySizes_Proofs_Verify()
    {
        var leaves = LeavesOf(600);
        var tree = TreeOf(leaves);
        Prop.ForAll(
            Arb.From(Gen.Zip(Gen.Choose(1, 600), Gen.Choose(1, 600))),
            pair =>
            {
                var (first, second) = (Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2));
                return MerkleProof.VerifyConsistency(
                        first, second, tree.Root(first), tree.Root(second), tree.Consistency(first, second))
                    && MerkleProof.VerifyInclusion(
                        first - 1, second, leaves[first - 1], tree.Inclusion(first - 1, second), tree.Root(second));
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Proofs_ImpossibleNumbers_AreRefused()
    {
        var tree = TreeOf(LeavesOf(5));

        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Root(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Root(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Inclusion(5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Inclusion(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Inclusion(0, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Consistency(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Consistency(4, 3));
    }

    internal static Hash256[] LeavesOf(int count) =>
        [.. Enumerable.Range(0, count).Select(i => MerkleHash.Leaf(BitConverter.GetBytes(i)))];

    internal static MerkleTree TreeOf(Hash256[] leaves)
    {
        var tree = new MerkleTree();
        Array.ForEach(leaves, tree.Append);
        return tree;
    }

    private static Hash256[] Changed(Hash256[] proof, int at)
    {
        var bytes = proof[at].ToArray();
        bytes[at % 32] ^= 1;
        return [.. proof[..at], new Hash256(bytes), .. proof[(at + 1)..]];
    }

    private static int K(int n)
    {
        var k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return k;
    }

    private static Hash256 Mth(ReadOnlySpan<Hash256> d) =>
        d.Length == 1 ? d[0] : MerkleHash.Node(Mth(d[..K(d.Length)]), Mth(d[K(d.Length)..]));

    private static Hash256[] Path(int m, ReadOnlySpan<Hash256> d)
    {
        if (d.Length == 1)
        {
            return [];
        }

        var k = K(d.Length);
        return m < k ? [.. Path(m, d[..k]), Mth(d[k..])] : [.. Path(m - k, d[k..]), Mth(d[..k])];
    }

    private static Hash256[] SubProof(int m, ReadOnlySpan<Hash256> d, bool whole)
    {
        if (m == d.Length)
        {
            return whole ? [] : [Mth(d)];
        }

        var k = K(d.Length);
        return m <= k
            ? [.. SubProof(m, d[..k], whole), Mth(d[k..])]
            : [.. SubProof(m - k, d[k..], false), Mth(d[..k])];
    }
}
