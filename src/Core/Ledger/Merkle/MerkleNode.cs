using Countersign.Ledger;

namespace Countersign.Merkle;

/// <summary>
/// Names the root of a perfect subtree: the 2^<paramref name="Level"/> leaves from <paramref name="Index"/> ×
/// 2^<paramref name="Level"/>. Such a node never changes once its leaves are there, so that it can be stored.
/// </summary>
/// <param name="Level">0 for leaves.</param>
/// <param name="Index">Position among the nodes of the level, from 0.</param>
public readonly record struct MerkleNode(int Level, long Index);

/// <summary>Reads the hash of a perfect subtree from wherever nodes are kept.</summary>
/// <param name="node">A node whose leaves are all within the tree.</param>
public delegate Hash256 MerkleNodeReader(MerkleNode node);
