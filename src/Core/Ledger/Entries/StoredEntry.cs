using System.Buffers;

namespace Countersign.Ledger;

/// <summary>An entry as a store keeps it: the exact hashed bytes, and beside them what may be erased.</summary>
/// <param name="Bytes">The entry, format 1.</param>
/// <param name="Salt">16 bytes, or none when erased.</param>
/// <param name="Payload">Canonical JSON, or none when erased.</param>
public readonly record struct StoredEntry(ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Salt, ReadOnlyMemory<byte> Payload)
{
    /// <summary>True when the payload is gone. Its hash stays in the entry and still verifies as part of the chain.</summary>
    public bool IsErased => Payload.IsEmpty;

    /// <summary>SHA-256 of <see cref="Bytes"/>: what the next entry and the Merkle tree refer to. Computed on each call.</summary>
    public Hash256 Hash() => Hash256.Of(Bytes.Span);

    /// <summary>The same entry without salt and payload.</summary>
    public StoredEntry Erase() => new(Bytes, default, default);

    /// <summary>Gives a draft its place in a log.</summary>
    /// <param name="draft">What is to be written.</param>
    /// <param name="position">Tenant, sequence, previous hash and time.</param>
    /// <param name="salt">16 random bytes, new for each entry; kept, so the caller hands them over.</param>
    /// <exception cref="EntryFormatException">A field breaks a limit, or the payload is empty (<c>entry.field-length</c>).</exception>
    /// <exception cref="ArgumentException">The salt does not have 16 bytes.</exception>
    public static StoredEntry From(EntryDraft draft, in EntryPosition position, ReadOnlyMemory<byte> salt)
    {
        if (draft.Payload.IsEmpty)
        {
            throw new EntryFormatException(EntryErrorCodes.FieldLength, "payload", "is empty; an entry with nothing to say carries {}");
        }

        var payloadHash = PayloadHash.Of(salt.Span, draft.Payload.Span);
        var buffer = ArrayPool<byte>.Shared.Rent(EntryFormat.MaxLength);
        try
        {
            var length = EntryCodec.Encode(draft, position, payloadHash, buffer.AsSpan());
            return new StoredEntry(buffer.AsSpan(0, length).ToArray(), salt, draft.Payload);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
