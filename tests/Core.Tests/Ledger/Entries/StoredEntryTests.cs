using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Entries;

public sealed class StoredEntryTests
{
    private static readonly byte[] Salt = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    private static readonly EntryDraft Draft = new()
    {
        EventId = EventId.Outside("k", "tenant.created"),
        Type = "tenant.created",
        Payload = "{\"n\":1}"u8.ToArray(),
    };

    [Fact]
    public void From_Draft_BindsSaltAndPayload()
    {
        var stored = StoredEntry.From(Draft, new EntryPosition("acme", 7, Hash256.Of("p"u8), 5), Salt);

        var entry = EntryCodec.Decode(stored.Bytes.Span);
        Assert.Equal(("acme", 7L, 5L), (entry.Tenant, entry.Sequence, entry.Time));
        Assert.Equal(PayloadHash.Of(Salt, Draft.Payload.Span), entry.PayloadHash);
        Assert.Equal(Hash256.Of(stored.Bytes.Span), stored.Hash());
        Assert.False(stored.IsErased);
    }

    [Fact]
    public void Erase_Entry_KeepsItsHash()
    {
        var stored = StoredEntry.From(Draft, new EntryPosition("acme", 1, Hash256.Zero, 5), Salt);

        var erased = stored.Erase();

        Assert.True(erased.IsErased);
        Assert.True(erased.Salt.IsEmpty);
        Assert.Equal(stored.Hash(), erased.Hash());
    }

    [Fact]
    public void From_EmptyPayload_IsRefused()
    {
        var error = Assert.Throws<EntryFormatException>(
            () => StoredEntry.From(Draft with { Payload = default }, new EntryPosition("acme", 1, Hash256.Zero, 5), Salt));

        Assert.Equal((EntryErrorCodes.FieldLength, "payload"), (error.Code, error.Field));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(100_000)]
    public void PayloadHash_AnyLength_IsSha256OfSaltAndPayload(int length)
    {
        var payload = new Fuzzing.Seeded((ulong)length).Bytes(length);

        Assert.Equal(Hash256.Of([.. Salt, .. payload]), PayloadHash.Of(Salt, payload));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void PayloadHash_SaltOfOtherLength_IsRefused(int length) =>
        Assert.Throws<ArgumentException>(() => PayloadHash.Of(new byte[length], "{}"u8));
}
