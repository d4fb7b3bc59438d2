using System.Buffers.Binary;
using System.Text.Unicode;

namespace Countersign.Ledger;

/// <summary>Reads the fields of format 1 one after the other and trusts nothing.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public void Format()
    {
        var format = Fixed("format", 1)[0];
        if (format != EntryFormat.Number)
        {
            throw new EntryFormatException(EntryErrorCodes.UnknownFormat, "format", $"is {format}, and only {EntryFormat.Number} is known");
        }
    }

    public ReadOnlySpan<byte> Text(EntryFormat.TextField field)
    {
        var length = TakeLength(field.Name);
        if (length < field.Min || length > field.Max)
        {
            throw new EntryFormatException(
                EntryErrorCodes.FieldLength, field.Name, $"has {length} bytes, and {field.Min} to {field.Max} are allowed");
        }

        var text = Take(field.Name, length);
        return Utf8.IsValid(text)
            ? text
            : throw new EntryFormatException(EntryErrorCodes.Text, field.Name, "is not valid UTF-8");
    }

    public ReadOnlySpan<byte> Type()
    {
        var type = Text(EntryFormat.Type);
        return EntryFormat.IsType(type)
            ? type
            : throw new EntryFormatException(EntryErrorCodes.Text, EntryFormat.Type.Name, "is not of the form noun.verb");
    }

    public long Number(string field, long min, long max)
    {
        var value = BinaryPrimitives.ReadInt64BigEndian(Fixed(field, sizeof(long)));
        return value >= min && value <= max
            ? value
            : throw new EntryFormatException(EntryErrorCodes.Range, field, $"is {value}, outside {min} to {max}");
    }

    public Hash256 Hash(string field) => new(Fixed(field, Hash256.Length));

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw new EntryFormatException(EntryErrorCodes.TrailingBytes, "entry", $"is followed by {_rest.Length} more bytes");
        }
    }

    private ReadOnlySpan<byte> Fixed(string field, int expected)
    {
        var length = TakeLength(field);
        return length == expected
            ? Take(field, length)
            : throw new EntryFormatException(EntryErrorCodes.FieldLength, field, $"has {length} bytes instead of {expected}");
    }

    private int TakeLength(string field) => BinaryPrimitives.ReadUInt16BigEndian(Take(field, EntryFormat.LengthPrefix));

    private ReadOnlySpan<byte> Take(string field, int length)
    {
        if (_rest.Length < length)
        {
            throw new EntryFormatException(EntryErrorCodes.Truncated, field, $"needs {length} bytes where {_rest.Length} are left");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
