using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;

namespace Countersign.Ledger;

/// <summary>Writes the fields of format 1 one after the other, each behind its two-byte length.</summary>
internal ref struct EntryWriter
{
    private readonly Span<byte> _output;

    public EntryWriter(Span<byte> output)
    {
        _output = output;
        Prefix("format", 1)[0] = EntryFormat.Number;
    }

    public int Written { get; private set; }

    public void Head(string tenant, long sequence, Hash256 previousHash, long time)
    {
        Text(EntryFormat.Tenant, tenant);
        Number("sequence", sequence, 1, long.MaxValue);
        previousHash.CopyTo(Prefix("previous-hash", Hash256.Length));
        Number("time", time, 0, EntryFormat.MaxTime);
    }

    public void What(string eventId, string type, string actor)
    {
        Text(EntryFormat.EventId, eventId);
        if (!EntryFormat.IsType(Text(EntryFormat.Type, type)))
        {
            throw new EntryFormatException(EntryErrorCodes.Text, EntryFormat.Type.Name, "is not of the form noun.verb");
        }

        Text(EntryFormat.Actor, actor);
    }

    public void Links(string run, string step, string correlationId, string transactionId)
    {
        Text(EntryFormat.Run, run);
        Text(EntryFormat.Step, step);
        Text(EntryFormat.CorrelationId, correlationId);
        Text(EntryFormat.TransactionId, transactionId);
    }

    public void Hash(Hash256 payloadHash) => payloadHash.CopyTo(Prefix("payload-hash", Hash256.Length));

    private void Number(string field, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new EntryFormatException(EntryErrorCodes.Range, field, $"is outside {min} to {max}");
        }

        BinaryPrimitives.WriteInt64BigEndian(Prefix(field, sizeof(long)), value);
    }

    private ReadOnlySpan<byte> Text(EntryFormat.TextField field, string value)
    {
        var room = Room(field.Name, EntryFormat.LengthPrefix)[EntryFormat.LengthPrefix..];
        var limited = room[..Math.Min(room.Length, field.Max)];
        var status = Utf8.FromUtf16(value, limited, out _, out var length, replaceInvalidSequences: false);
        if (status is OperationStatus.DestinationTooSmall || length < field.Min)
        {
            throw status is OperationStatus.DestinationTooSmall && limited.Length < field.Max
                ? TooSmall(field.Name)
                : new EntryFormatException(
                    EntryErrorCodes.FieldLength, field.Name, $"has fewer than {field.Min} or more than {field.Max} bytes of UTF-8");
        }

        if (status is not OperationStatus.Done)
        {
            throw new EntryFormatException(EntryErrorCodes.Text, field.Name, "holds half of a surrogate pair");
        }

        return Prefix(field.Name, length);
    }

    private Span<byte> Prefix(string field, int length)
    {
        var room = Room(field, EntryFormat.LengthPrefix + length);
        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)length);
        Written += EntryFormat.LengthPrefix + length;
        return room.Slice(EntryFormat.LengthPrefix, length);
    }

    private readonly Span<byte> Room(string field, int atLeast)
    {
        var room = _output[Written..];
        return room.Length >= atLeast ? room : throw TooSmall(field);
    }

    private static EntryFormatException TooSmall(string field) =>
        new(EntryErrorCodes.Truncated, field, "does not fit into what is left of the buffer");
}
