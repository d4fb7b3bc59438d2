using System.Text;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Entries;

public sealed class EntryCodecFuzz
{
    private static readonly string[] Pieces = ["a", "/", "%", "é", "\uffff", "😂", "0", ".", "_", "\0", "\n"];

    [Fact]
    public void DecodeEncode_AnyEntry_IsTheEntry() => FuzzRun.Rounds(5_000, random =>
    {
        var entry = Entry(ref random);
        Assert.Equal(entry, EntryCodec.Decode(EntryCodec.ToBytes(entry)));
    });

    [Fact]
    public void Decode_AnyBytes_AreRefusedByCodeOrTheirOwnEncoding()
    {
        var accepted = 0;
        FuzzRun.Rounds(20_000, random =>
        {
            var bytes = FuzzRun.Mutate(EntryCodec.ToBytes(Entry(ref random)), ref random);
            try
            {
                Assert.Equal(bytes, EntryCodec.ToBytes(EntryCodec.Decode(bytes)));
                accepted++;
            }
            catch (EntryFormatException refused)
            {
                Assert.StartsWith("entry.", refused.Code, StringComparison.Ordinal);
            }
        });

        // Some changes stay within texts and hashes; if none did, the round trip would go untested.
        Assert.True(accepted > 100, $"{accepted} accepted");
    }

    // Two different entries never have the same bytes, wherever a text ends and the next begins.
    [Fact]
    public void Encode_TextsShiftedBetweenFields_GiveOtherBytes()
    {
        var entry = SampleEntries.Full() with { Run = "ab", Step = "c", CorrelationId = "", TransactionId = "d" };
        var others = new[]
        {
            entry with { Run = "a", Step = "bc" },
            entry with { Run = "abc", Step = "" },
            entry with { Step = "", CorrelationId = "c" },
            entry with { CorrelationId = "d", TransactionId = "" },
        };

        var all = others.Append(entry).Select(e => Convert.ToHexString(EntryCodec.ToBytes(e))).ToArray();

        Assert.Equal(all.Length, all.Distinct().Count());
    }

    private static LogEntry Entry(ref Seeded random) => new()
    {
        Tenant = "t" + Text(ref random, 20),
        Sequence = 1 + (long)(random.Next() >> (2 + random.Next(62))),
        PreviousHash = new Hash256(random.Bytes(32)),
        Time = (long)(random.Next() % (ulong)EntryFormat.MaxTime),
        EventId = "e" + Text(ref random, 60),
        Type = EventTypes.StepStarted,
        Actor = Text(ref random, 20),
        Run = Text(ref random, 20),
        Step = Text(ref random, 40),
        CorrelationId = Text(ref random, 20),
        TransactionId = Text(ref random, 20),
        PayloadHash = new Hash256(random.Bytes(32)),
    };

    private static string Text(ref Seeded random, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Next(most); i > 0; i--)
        {
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }

        return text.ToString();
    }
}
