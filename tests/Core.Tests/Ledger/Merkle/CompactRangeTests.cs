using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Core.Tests.Ledger.Merkle;

public sealed class CompactRangeTests
{
    [Fact]
    public void Root_AfterEveryAppend_IsTheTreesEvenWhenStoredInBetween()
    {
        var leaves = MerkleTreeTests.LeavesOf(130);
        var tree = MerkleTreeTests.TreeOf(leaves);
        var range = new CompactRange();
        for (var size = 0; size < leaves.Length; size++)
        {
            Assert.Equal(size, range.Size);
            Assert.Equal(tree.Root(size), range.Root());
            range = CompactRange.FromBytes(range.ToBytes());
            range.Append(leaves[size]);
        }

        Assert.Equal(tree.Root(), range.Root());
    }

    [Fact]
    public void Append_Completed_TellsEveryPerfectNodeOnce()
    {
        var leaves = MerkleTreeTests.LeavesOf(37);
        var nodes = new Dictionary<MerkleNode, Hash256>();
        var range = new CompactRange();
        foreach (var leaf in leaves)
        {
            range.Append(leaf, nodes.Add);
        }

        Assert.Equal(37 + 18 + 9 + 4 + 2 + 1, nodes.Count);
        Assert.Equal(range.Root(), MerkleProof.Root(37, node => nodes[node]));
    }

    [Fact]
    public void ToBytes_ThreeLeaves_IsSizeAndTwoHashes()
    {
        var leaves = MerkleTreeTests.LeavesOf(3);
        var range = new CompactRange();
        Array.ForEach(leaves, leaf => range.Append(leaf));

        byte[] expected = [0, 0, 0, 0, 0, 0, 0, 3, .. MerkleHash.Node(leaves[0], leaves[1]).ToArray(), .. leaves[2].ToArray()];
        Assert.Equal(expected, range.ToBytes());
    }

    [Fact]
    public void FromBytes_OtherForms_AreRefused()
    {
        var range = new CompactRange();
        Array.ForEach(MerkleTreeTests.LeavesOf(11), leaf => range.Append(leaf));
        var bytes = range.ToBytes();

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal("merkle.state", Assert.Throws<MerkleStateException>(() => CompactRange.FromBytes(bytes.AsSpan(0, length))).Code);
        }

        Assert.Throws<MerkleStateException>(() => CompactRange.FromBytes([.. bytes, 0]));
        Assert.Throws<MerkleStateException>(() => CompactRange.FromBytes([0x80, .. bytes[1..]]));
    }

    [Fact]
    public void FromBytes_AnyBytes_AreRefusedByCodeOrTheirOwnState() => FuzzRun.Rounds(20_000, random =>
    {
        var range = new CompactRange();
        for (var i = random.Next(20); i > 0; i--)
        {
            range.Append(new Hash256(random.Bytes(32)));
        }

        var bytes = FuzzRun.Mutate(range.ToBytes(), ref random);
        try
        {
            Assert.Equal(bytes, CompactRange.FromBytes(bytes).ToBytes());
        }
        catch (MerkleStateException)
        {
            // The one error it may give.
        }
    });
}
