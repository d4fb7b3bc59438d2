namespace Countersign.Checkpoints;

/// <summary>A signature line of a note.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="KeyId">The key's id: a hint which key it is, not a proof.</param>
/// <param name="Value">What the algorithm gave; for ECDSA an ASN.1 DER sequence of two integers (RFC 3279).</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value);
