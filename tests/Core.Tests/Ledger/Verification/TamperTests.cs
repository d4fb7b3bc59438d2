using System.Globalization;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Verification;

/// <summary>Every kind of tampering at every position of a 300-entry log; the end is known, as a checkpoint makes it.</summary>
public sealed class TamperTests
{
    private const int Count = 300;
    private const string CutBeginning = "cut off the beginning";
    private static readonly List<StoredEntry> Log = SampleLog.Of("acme", Count);
    private static readonly List<StoredEntry> Other = SampleLog.Of("evil", Count, 2);
    private static readonly ChainEnd End = SampleLog.EndOf(Log);

    public static TheoryData<string, Func<int, IEnumerable<StoredEntry>>, string[]> Kinds() => new()
    {
        {
            "edit a field", at => Replace(at, SampleLog.Edit(Log[at], e => e with { Actor = "u-8" })),
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.HeadMismatch]
        },
        {
            "edit the time", at => Replace(at, SampleLog.Edit(Log[at], e => e with { Time = e.Time - 1 })),
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.HeadMismatch]
        },
        {
            "edit the previous hash", at => Replace(at, SampleLog.Edit(Log[at], e => e with { PreviousHash = Hash256.Of("x"u8) })),
            [VerifyFaultCodes.HashMismatch]
        },
        {
            "edit the payload", at => Replace(at, Log[at] with { Payload = "{\"n\":0}"u8.ToArray() }),
            [VerifyFaultCodes.PayloadMismatch]
        },
        {
            "edit the payload and its hash", EditPayloadAndHash,
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.HeadMismatch]
        },
        { "delete", at => [.. Log.Take(at), .. Log.Skip(at + 1)], [VerifyFaultCodes.SequenceGap, VerifyFaultCodes.Truncated] },
        {
            "delete and renumber what follows", at => Renumbered([.. Log.Take(at), .. Log.Skip(at + 1)], at),
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.Truncated]
        },
        {
            "reorder", at => at == 0 ? [Log[1], Log[0], .. Log.Skip(2)] : [.. Log.Take(at - 1), Log[at], Log[at - 1], .. Log.Skip(at + 1)],
            [VerifyFaultCodes.Reordered]
        },
        { "duplicate", at => [.. Log.Take(at + 1), Log[at], .. Log.Skip(at + 1)], [VerifyFaultCodes.Duplicate] },
        { "duplicate elsewhere", at => [.. Log, Log[at]], [VerifyFaultCodes.Duplicate] },
        { "insert a chained forgery", Insert, [VerifyFaultCodes.Duplicate, VerifyFaultCodes.HeadMismatch] },
        {
            "insert and renumber what follows", at => Renumbered([.. Insert(at)], at + 1),
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.HeadMismatch]
        },
        { "splice one of another tenant", at => Replace(at, Other[at]), [VerifyFaultCodes.ForeignTenant] },
        { "insert one of another tenant", at => [.. Log.Take(at), Other[at], .. Log.Skip(at)], [VerifyFaultCodes.ForeignTenant] },
        {
            "splice one of another tenant, renamed",
            at => Replace(at, SampleLog.Edit(Other[at], e => e with { Tenant = "acme", PreviousHash = at == 0 ? Hash256.Zero : Log[at - 1].Hash() })),
            [VerifyFaultCodes.HashMismatch, VerifyFaultCodes.HeadMismatch]
        },
        { "go on with another tenant's log", at => [.. Log.Take(at), .. Other.Skip(at)], [VerifyFaultCodes.ForeignTenant] },
        { "cut off the end", at => Log.Take(at), [VerifyFaultCodes.Truncated] },
        { CutBeginning, at => Log.Skip(at + 1), [VerifyFaultCodes.SequenceGap, VerifyFaultCodes.Truncated] },
        { "rewrite the rest, well chained", Rewrite, [VerifyFaultCodes.HeadMismatch] },
        { "cut an entry's bytes", at => Replace(at, Log[at] with { Bytes = Log[at].Bytes[..^1] }), [VerifyFaultCodes.Malformed] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Verify_TamperedAtEveryPosition_IsCaught(string kind, Func<int, IEnumerable<StoredEntry>> tamper, string[] first)
    {
        for (var at = 0; at < Count; at++)
        {
            var report = ChainVerifier.Verify(tamper(at), ChainStart.Genesis("acme"), End);

            Assert.False(report.Intact, $"{kind} at {at} went unnoticed");
            Assert.Contains(report.Faults[0].Code, first);
            Assert.InRange(report.Faults[0].Position, kind == CutBeginning ? 0 : Math.Max(0, at - 1), Count);
        }
    }

    [Fact]
    public void Verify_WholeLogOfAnotherTenant_IsCaughtByTheTenant()
    {
        var report = ChainVerifier.Verify(Other, ChainStart.Genesis("acme"));

        Assert.Equal(VerifyFaultCodes.ForeignTenant, report.Faults[0].Code);
    }

    [Fact]
    public void Verify_WholeLogOfTheSameTenantFromElsewhere_IsCaughtByTheEnd()
    {
        var report = ChainVerifier.Verify(SampleLog.Of("acme", Count, 3), ChainStart.Genesis("acme"), End);

        Assert.Equal(VerifyFaultCodes.HeadMismatch, report.Faults[0].Code);
    }

    // COUNTERSIGN_BIT_FLIPS=1000000 is the long form. The neighbours of the flipped entry are all that a flip can touch.
    [Fact]
    public void Verify_AnyBitFlipped_IsCaught()
    {
        var text = Environment.GetEnvironmentVariable("COUNTERSIGN_BIT_FLIPS");
        var flips = text is null ? 20_000 : int.Parse(text, CultureInfo.InvariantCulture);
        var random = new Seeded(20_261_120);
        for (var flip = 0; flip < flips; flip++)
        {
            var at = random.Next(Count);
            var window = new List<StoredEntry> { Flip(Log[at], ref random) };
            if (at + 1 < Count)
            {
                window.Add(Log[at + 1]);
            }

            var start = new ChainStart("acme", at + 1, at == 0 ? Hash256.Zero : Log[at - 1].Hash());
            var last = Math.Min(at + 1, Count - 1);
            var report = ChainVerifier.Verify(window, start, new ChainEnd(last + 1, Log[last].Hash()));

            Assert.False(report.Intact, $"flip {flip} in entry {at + 1} went unnoticed");
        }
    }

    private static StoredEntry Flip(StoredEntry stored, ref Seeded random)
    {
        var bytes = stored.Bytes.ToArray();
        var salt = stored.Salt.ToArray();
        var payload = stored.Payload.ToArray();
        var at = random.Next(bytes.Length + salt.Length + payload.Length);
        var mask = (byte)(1 << random.Next(8));
        if (at < bytes.Length)
        {
            bytes[at] ^= mask;
        }
        else if (at < bytes.Length + salt.Length)
        {
            salt[at - bytes.Length] ^= mask;
        }
        else
        {
            payload[at - bytes.Length - salt.Length] ^= mask;
        }

        return new StoredEntry(bytes, salt, payload);
    }

    private static List<StoredEntry> Replace(int at, StoredEntry by) => [.. Log.Take(at), by, .. Log.Skip(at + 1)];

    private static List<StoredEntry> EditPayloadAndHash(int at)
    {
        var payload = "{\"n\":0}"u8.ToArray();
        var hash = PayloadHash.Of(Log[at].Salt.Span, payload);
        return Replace(at, SampleLog.Edit(Log[at] with { Payload = payload }, e => e with { PayloadHash = hash }));
    }

    private static IEnumerable<StoredEntry> Insert(int at)
    {
        var random = new Seeded((ulong)at);
        var previous = at == 0 ? Hash256.Zero : Log[at - 1].Hash();
        return [.. Log.Take(at), SampleLog.Entry("acme", at + 1, previous, ref random), .. Log.Skip(at)];
    }

    // Gives the entries from a position on the sequence of their place, and leaves the hashes as they are.
    private static IEnumerable<StoredEntry> Renumbered(List<StoredEntry> log, int from) =>
        log.Select((e, i) => i < from ? e : SampleLog.Edit(e, entry => entry with { Sequence = i + 1 }));

    private static IEnumerable<StoredEntry> Rewrite(int at)
    {
        var random = new Seeded(77);
        var log = Log.Take(at).ToList();
        while (log.Count < Count)
        {
            log.Add(SampleLog.Entry("acme", log.Count + 1, log.Count == 0 ? Hash256.Zero : log[^1].Hash(), ref random));
        }

        return log;
    }
}
