using System.Buffers;
using System.Text;

namespace Countersign.Ledger;

/// <summary>
/// Entry format 1, both ways. There is exactly one byte form of every entry and every byte form that decodes encodes
/// back to itself, so that a hash over the bytes is a hash over the meaning. Safe for concurrent use.
/// </summary>
public static class EntryCodec
{
    /// <summary>Writes an entry.</summary>
    /// <exception cref="EntryFormatException">A field breaks a limit; nothing has been advanced on the writer.</exception>
    public static void Encode(LogEntry entry, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(Bound(
            entry.Tenant, entry.EventId, entry.Type, entry.Actor, entry.Run, entry.Step, entry.CorrelationId, entry.TransactionId));
        output.Advance(Encode(entry, span));
    }

    /// <summary>Writes a draft at its position, without building the entry in between.</summary>
    /// <param name="draft">What is to be written; its payload is represented by <paramref name="payloadHash"/>.</param>
    /// <param name="position">Tenant, sequence, previous hash and time.</param>
    /// <param name="payloadHash">See <see cref="PayloadHash.Of"/>.</param>
    /// <param name="output">Receives the bytes.</param>
    /// <exception cref="EntryFormatException">A field breaks a limit; nothing has been advanced on the writer.</exception>
    public static void Encode(EntryDraft draft, in EntryPosition position, Hash256 payloadHash, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(Bound(
            position.Tenant, draft.EventId, draft.Type, draft.Actor, draft.Run, draft.Step, draft.CorrelationId, draft.TransactionId));
        output.Advance(Encode(draft, position, payloadHash, span));
    }

    /// <summary>Writes an entry into a span of at least <see cref="EntryFormat.MaxLength"/> bytes, or as many as it needs.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="EntryFormatException">A field breaks a limit, or the span is too small (<c>entry.truncated</c>).</exception>
    public static int Encode(LogEntry entry, Span<byte> destination)
    {
        var writer = new EntryWriter(destination);
        writer.Head(entry.Tenant, entry.Sequence, entry.PreviousHash, entry.Time);
        writer.What(entry.EventId, entry.Type, entry.Actor);
        writer.Links(entry.Run, entry.Step, entry.CorrelationId, entry.TransactionId);
        writer.Hash(entry.PayloadHash);
        return writer.Written;
    }

    /// <summary>Writes a draft at its position into a span; see the overload for a buffer writer.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="EntryFormatException">A field breaks a limit, or the span is too small (<c>entry.truncated</c>).</exception>
    public static int Encode(EntryDraft draft, in EntryPosition position, Hash256 payloadHash, Span<byte> destination)
    {
        var writer = new EntryWriter(destination);
        writer.Head(position.Tenant, position.Sequence, position.PreviousHash, position.Time);
        writer.What(draft.EventId, draft.Type, draft.Actor);
        writer.Links(draft.Run, draft.Step, draft.CorrelationId, draft.TransactionId);
        writer.Hash(payloadHash);
        return writer.Written;
    }

    /// <summary>The entry's bytes in a new array.</summary>
    /// <exception cref="EntryFormatException">A field breaks a limit.</exception>
    public static byte[] ToBytes(LogEntry entry)
    {
        Span<byte> buffer = stackalloc byte[EntryFormat.MaxLength];
        return buffer[..Encode(entry, buffer)].ToArray();
    }

    /// <summary>Reads an entry in place, strictly: exact lengths, nothing after the last field, valid UTF-8, values in range.</summary>
    /// <exception cref="EntryFormatException">The bytes are anything but one entry of format 1.</exception>
    public static EntryView Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new EntryReader(bytes);
        reader.Format();
        var view = new EntryView
        {
            Tenant = reader.Text(EntryFormat.Tenant),
            Sequence = reader.Number("sequence", 1, long.MaxValue),
            PreviousHash = reader.Hash("previous-hash"),
            Time = reader.Number("time", 0, EntryFormat.MaxTime),
            EventId = reader.Text(EntryFormat.EventId),
            Type = reader.Type(),
            Actor = reader.Text(EntryFormat.Actor),
            Run = reader.Text(EntryFormat.Run),
            Step = reader.Text(EntryFormat.Step),
            CorrelationId = reader.Text(EntryFormat.CorrelationId),
            TransactionId = reader.Text(EntryFormat.TransactionId),
            PayloadHash = reader.Hash("payload-hash"),
        };
        reader.End();
        return view;
    }

    /// <summary>Reads an entry; as strict as <see cref="Read"/>.</summary>
    /// <exception cref="EntryFormatException">The bytes are anything but one entry of format 1.</exception>
    public static LogEntry Decode(ReadOnlySpan<byte> bytes)
    {
        var view = Read(bytes);
        return new LogEntry
        {
            Tenant = Encoding.UTF8.GetString(view.Tenant),
            Sequence = view.Sequence,
            PreviousHash = view.PreviousHash,
            Time = view.Time,
            EventId = Encoding.UTF8.GetString(view.EventId),
            Type = Encoding.UTF8.GetString(view.Type),
            Actor = Encoding.UTF8.GetString(view.Actor),
            Run = Encoding.UTF8.GetString(view.Run),
            Step = Encoding.UTF8.GetString(view.Step),
            CorrelationId = Encoding.UTF8.GetString(view.CorrelationId),
            TransactionId = Encoding.UTF8.GetString(view.TransactionId),
            PayloadHash = view.PayloadHash,
        };
    }

    // Three bytes of UTF-8 for each UTF-16 unit is the most there can be; a text beyond its limit fails in any case.
    private static int Bound(params ReadOnlySpan<string> texts)
    {
        var chars = 0L;
        foreach (var text in texts)
        {
            chars += text.Length;
        }

        return (int)Math.Min(EntryFormat.MaxLength, 128 + (3 * chars));
    }
}
