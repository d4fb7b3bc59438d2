using System.Buffers;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Entries;

public sealed class EntryCodecTests
{
    [Fact]
    public void ToBytes_WorkedExample_IsTheDocumentedBytesAndHash()
    {
        var salt = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        var entry = SampleEntries.Worked(PayloadHash.Of(salt, "{\"n\":1}"u8));

        var bytes = EntryCodec.ToBytes(entry);

        Assert.Equal(
            "000101" + "000461636d65" + "00080000000000000001" + "0020" + new string('0', 64) + "0008000660b3fbca1000"
            + "001872756e2d312f2f302f302f302f72756e2e63726561746564" + "000b72756e2e63726561746564" + "0005752d343231"
            + "000572756e2d31" + "0000" + "0003632d39" + "000572756e2d31"
            + "0020" + "682e7598baeb86fae90ede41e9d026af19110aacada76340409a6185a6dad3c6",
            Convert.ToHexStringLower(bytes));
        Assert.Equal("ee82206350e90cddfe25f12e2c4bca2e5be1c395defbb596e0d482073e834fb4", Hash256.Of(bytes).ToString());
    }

    [Fact]
    public void Decode_EncodedEntry_IsTheEntry()
    {
        var entry = SampleEntries.Full();

        Assert.Equal(entry, EntryCodec.Decode(EntryCodec.ToBytes(entry)));
    }

    [Fact]
    public void Encode_DraftAtItsPosition_EqualsTheEntryBuiltFromBoth()
    {
        var entry = SampleEntries.Full();
        var draft = new EntryDraft
        {
            EventId = entry.EventId,
            Type = entry.Type,
            Actor = entry.Actor,
            Run = entry.Run,
            Step = entry.Step,
            CorrelationId = entry.CorrelationId,
            TransactionId = entry.TransactionId,
            Payload = "{}"u8.ToArray(),
        };
        var position = new EntryPosition(entry.Tenant, entry.Sequence, entry.PreviousHash, entry.Time);
        var fromDraft = new ArrayBufferWriter<byte>();
        var fromEntry = new ArrayBufferWriter<byte>();

        EntryCodec.Encode(draft, position, entry.PayloadHash, fromDraft);
        EntryCodec.Encode(entry, fromEntry);

        Assert.Equal(EntryCodec.ToBytes(entry), fromDraft.WrittenSpan.ToArray());
        Assert.Equal(EntryCodec.ToBytes(entry), fromEntry.WrittenSpan.ToArray());
    }

    [Fact]
    public void Encode_EveryFieldAtItsLimit_IsMaxLength()
    {
        var entry = SampleEntries.Longest();

        var bytes = EntryCodec.ToBytes(entry);

        Assert.Equal(4395, bytes.Length);
        Assert.Equal(EntryFormat.MaxLength, bytes.Length);
        Assert.Equal(entry, EntryCodec.Decode(bytes));
    }

    public static TheoryData<string, string, Func<LogEntry, LogEntry>> BrokenEntries() => new()
    {
        { "tenant", EntryErrorCodes.FieldLength, e => e with { Tenant = "" } },
        { "tenant", EntryErrorCodes.FieldLength, e => e with { Tenant = new string('t', 129) } },
        { "tenant", EntryErrorCodes.FieldLength, e => e with { Tenant = new string('é', 65) } },
        { "tenant", EntryErrorCodes.Text, e => e with { Tenant = "a\uD800" } },
        { "sequence", EntryErrorCodes.Range, e => e with { Sequence = 0 } },
        { "sequence", EntryErrorCodes.Range, e => e with { Sequence = -1 } },
        { "time", EntryErrorCodes.Range, e => e with { Time = -1 } },
        { "time", EntryErrorCodes.Range, e => e with { Time = EntryFormat.MaxTime + 1 } },
        { "event-id", EntryErrorCodes.FieldLength, e => e with { EventId = "" } },
        { "event-id", EntryErrorCodes.FieldLength, e => e with { EventId = new string('i', 2049) } },
        { "type", EntryErrorCodes.FieldLength, e => e with { Type = "a" } },
        { "type", EntryErrorCodes.Text, e => e with { Type = "run" } },
        { "type", EntryErrorCodes.Text, e => e with { Type = "run." } },
        { "type", EntryErrorCodes.Text, e => e with { Type = "Run.created" } },
        { "type", EntryErrorCodes.Text, e => e with { Type = "run..created" } },
        { "type", EntryErrorCodes.Text, e => e with { Type = "run._x" } },
        { "actor", EntryErrorCodes.FieldLength, e => e with { Actor = new string('a', 257) } },
        { "run", EntryErrorCodes.FieldLength, e => e with { Run = new string('a', 257) } },
        { "step", EntryErrorCodes.FieldLength, e => e with { Step = new string('a', 1025) } },
        { "correlation-id", EntryErrorCodes.FieldLength, e => e with { CorrelationId = new string('a', 257) } },
        { "correlation-id", EntryErrorCodes.Text, e => e with { CorrelationId = "\uDC00" } },
        { "transaction-id", EntryErrorCodes.FieldLength, e => e with { TransactionId = new string('a', 257) } },
    };

    [Theory]
    [MemberData(nameof(BrokenEntries))]
    public void Encode_FieldBeyondItsLimit_NamesFieldAndRule(string field, string code, Func<LogEntry, LogEntry> change)
    {
        var broken = change(SampleEntries.Full());
        var output = new ArrayBufferWriter<byte>();

        var error = Assert.Throws<EntryFormatException>(() => EntryCodec.Encode(broken, output));

        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Encode_SpanOfEverySmallerLength_IsTruncated()
    {
        var entry = SampleEntries.Full();
        var length = EntryCodec.ToBytes(entry).Length;
        for (var room = 0; room < length; room++)
        {
            var error = Assert.Throws<EntryFormatException>(() => EntryCodec.Encode(entry, new byte[room].AsSpan()));
            Assert.Equal(EntryErrorCodes.Truncated, error.Code);
        }
    }

    [Fact]
    public void Read_CutAtEveryLength_IsTruncated()
    {
        var bytes = EntryCodec.ToBytes(SampleEntries.Full());
        for (var length = 0; length < bytes.Length; length++)
        {
            var error = Assert.Throws<EntryFormatException>(() => EntryCodec.Decode(bytes.AsSpan(0, length)));
            Assert.Equal(EntryErrorCodes.Truncated, error.Code);
        }
    }

    [Fact]
    public void Read_OneByteMore_IsTrailing()
    {
        byte[] bytes = [.. EntryCodec.ToBytes(SampleEntries.Full()), 0];

        var error = Assert.Throws<EntryFormatException>(() => EntryCodec.Decode(bytes));

        Assert.Equal(EntryErrorCodes.TrailingBytes, error.Code);
    }

    [Theory]
    [InlineData(2, 2, EntryErrorCodes.UnknownFormat, "format")]
    [InlineData(2, 0, EntryErrorCodes.UnknownFormat, "format")]
    [InlineData(1, 2, EntryErrorCodes.FieldLength, "format")]
    [InlineData(4, 0, EntryErrorCodes.FieldLength, "tenant")]
    [InlineData(3, 1, EntryErrorCodes.FieldLength, "tenant")]
    [InlineData(5, 0xFF, EntryErrorCodes.Text, "tenant")]
    [InlineData(10, 9, EntryErrorCodes.FieldLength, "sequence")]
    [InlineData(11, 0x80, EntryErrorCodes.Range, "sequence")]
    [InlineData(18, 0, EntryErrorCodes.Range, "sequence")]
    [InlineData(20, 31, EntryErrorCodes.FieldLength, "previous-hash")]
    [InlineData(55, 0x7F, EntryErrorCodes.Range, "time")]
    public void Read_ChangedByte_NamesFieldAndRule(int at, byte value, string code, string field)
    {
        var bytes = EntryCodec.ToBytes(SampleEntries.Worked(Hash256.Zero));
        bytes[at] = value;

        var error = Assert.Throws<EntryFormatException>(() => EntryCodec.Decode(bytes));

        Assert.Equal((code, field), (error.Code, error.Field));
    }
}
