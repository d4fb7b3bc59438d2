using System.Security.Cryptography;
using Countersign.Ledger;

namespace Countersign.Merkle;

/// <summary>
/// The hashes of RFC 6962, section 2.1. Leaves and inner nodes carry different first bytes, so that neither can pass for
/// the other.
/// </summary>
public static class MerkleHash
{
    private const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static Hash256 Empty { get; } = Hash256.Of([]);

    /// <summary>The leaf of a log entry: <c>SHA-256(0x00 ‖ entry hash)</c>.</summary>
    /// <param name="entry">SHA-256 of the entry's bytes.</param>
    public static Hash256 Leaf(Hash256 entry)
    {
        Span<byte> bytes = stackalloc byte[1 + Hash256.Length];
        bytes[0] = LeafPrefix;
        entry.CopyTo(bytes[1..]);
        return Hash256.Of(bytes);
    }

    /// <summary>The leaf of any data: <c>SHA-256(0x00 ‖ data)</c>.</summary>
    public static Hash256 Leaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(data);
        Span<byte> digest = stackalloc byte[Hash256.Length];
        hash.GetHashAndReset(digest);
        return new Hash256(digest);
    }

    /// <summary>An inner node: <c>SHA-256(0x01 ‖ left ‖ right)</c>.</summary>
    public static Hash256 Node(Hash256 left, Hash256 right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Hash256.Length)];
        bytes[0] = NodePrefix;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Hash256.Length)..]);
        return Hash256.Of(bytes);
    }
}
