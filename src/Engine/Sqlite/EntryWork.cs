using System.Buffers.Binary;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>What is known of an entry before its place in the log is: by what it is recognised, its salt, and its payload's hash.</summary>
internal struct EntryWork
{
    public UInt128 Event { get; private init; }

    public UInt128 Salt { get; private init; }

    public Hash256 PayloadHash { get; private init; }

    /// <summary>Set by the writer: the event is in the log already.</summary>
    public bool IsThere { get; set; }

    /// <summary>Set by the writer: where the entry's bytes are in its buffer.</summary>
    public Range Bytes { get; set; }

    /// <exception cref="EntryFormatException">The payload is empty.</exception>
    public static EntryWork For(string tenant, EntryDraft draft)
    {
        var salt = SaltSource.Next();
        Span<byte> bytes = stackalloc byte[Ledger.PayloadHash.SaltLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, salt);
        if (draft.Payload.IsEmpty)
        {
            // Refused in the same words by every store.
            StoredEntry.From(draft, new EntryPosition(tenant, 1, Hash256.Zero, 0), bytes.ToArray());
        }

        return new EntryWork
        {
            Event = JournalKeys.Event(tenant, draft.EventId),
            Salt = salt,
            PayloadHash = Ledger.PayloadHash.Of(bytes, draft.Payload.Span),
        };
    }
}
