using System.Collections.Immutable;
using Countersign.Checkpoints;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Core.Tests.Ledger.Verification;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Checkpoints;

/// <summary>What a chain alone cannot show, at every position of a 300-entry log with checkpoints at some sizes, the last at 290.</summary>
public sealed class CheckpointTamperTests
{
    private const int Count = 300;
    private const int Last = 290;
    private const string Tenant = "acme";
    private static readonly List<StoredEntry> Log = SampleLog.Of(Tenant, Count);
    private static readonly List<StoredEntry> Other = SampleLog.Of(Tenant, Count, 3);
    private static readonly ImmutableArray<Checkpoint> Checkpoints =
        [.. ((int[])[1, 40, 128, 255, Last]).Select(size => new Checkpoint("countersign/acme", size, SealerTests.RootOf(Log, size)))];

    public static TheoryData<string, Func<int, List<StoredEntry>>, string> Kinds() => new()
    {
        { "cut off the end", at => Log[..at], CheckpointErrorCodes.LogShorter },
        { "rewrite the rest, well chained", at => Rewrite(at, Count), CheckpointErrorCodes.RootMismatch },
        { "roll back and go on otherwise, longer than before", at => Rewrite(at, Count + 50), CheckpointErrorCodes.RootMismatch },
        { "delete one and chain the rest anew", at => Rechained([.. Log[..at], .. Log[(at + 1)..]]), CheckpointErrorCodes.RootMismatch },
        { "put one in and chain the rest anew", at => Rechained([.. Log[..at], Other[at], .. Log[at..]]), CheckpointErrorCodes.RootMismatch },
        { "change one and chain the rest anew", at => Rechained([.. Log[..at], SampleLog.Edit(Log[at], e => e with { Actor = "u-8" }), .. Log[(at + 1)..]]), CheckpointErrorCodes.RootMismatch },
    };

    [Fact]
    public void Audit_Untouched_CoversUpToTheLastCheckpoint()
    {
        var report = Audit(Log);
        Assert.True(report.Chain.Intact);
        Assert.Empty(report.Faults);
        Assert.Equal(Last, report.Covered);
        Assert.Equal(255, Audit(Log[..289]).Covered);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Audit_ChainThatIsWhole_IsCaughtBeforeTheLastCheckpoint(string kind, Func<int, List<StoredEntry>> tamper, string code)
    {
        for (var at = 0; at < Last; at++)
        {
            var tampered = tamper(at);
            Assert.True(ChainVerifier.Verify(tampered, ChainStart.Genesis(Tenant)).Intact, $"{kind} at {at}: the chain alone shows it");
            var report = Audit(tampered);
            Assert.True(report.Faults.Length > 0, $"{kind} at {at} went unnoticed");
            Assert.Equal(code, report.Faults[0].Code);

            // What it still covers is exactly what was not touched.
            Assert.Equal(Checkpoints.Where(signed => signed.Size <= at).Select(signed => signed.Size).LastOrDefault(), report.Covered);
        }
    }

    // The window: what no checkpoint has covered yet can be changed, if the chain is made whole again.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Audit_AfterTheLastCheckpoint_CannotSee(string kind, Func<int, List<StoredEntry>> tamper, string code)
    {
        Assert.NotEmpty(kind + code);
        for (var at = Last; at < Count; at++)
        {
            Assert.Empty(Audit(tamper(at)).Faults);
        }
    }

    [Fact]
    public void Audit_AnotherLogOfTheSameTenant_IsCaught()
    {
        var report = Audit(Other);
        Assert.True(report.Chain.Intact);
        Assert.Equal(Checkpoints.Length, report.Faults.Length);
        Assert.Equal(0, report.Covered);
    }

    [Fact]
    public void Audit_LogWithoutEntries_IsShorterThanAllThatWasSigned() =>
        Assert.All(Audit([]).Faults, fault => Assert.Equal(CheckpointErrorCodes.LogShorter, fault.Code));

    [Fact]
    public async Task Collection_TwoRootsOfOneSize_AreAFork()
    {
        var signer = new TestSigner();
        var places = new MemoryStore[] { new(), new() };
        foreach (var (place, log) in places.Zip((List<StoredEntry>[])[Log, Other]))
        {
            var note = await SignedCheckpoint.SignAsync(new Checkpoint("countersign/acme", 100, SealerTests.RootOf(log, 100)), signer);
            await place.CreateAsync(Tenant, new StoredCheckpoint(100, note), default);
        }

        var read = await CheckpointCollection.ReadAsync(places, Tenant, "countersign/acme", [signer.Key]);
        Assert.Equal((CheckpointErrorCodes.Fork, 100), (read.Forks.Single().Code, read.Forks[0].Size));
        Assert.Empty((await CheckpointCollection.ReadAsync([places[0], places[0]], Tenant, "countersign/acme", [signer.Key])).Forks);
    }

    [Fact]
    public async Task Collection_WhatIsNotToBeBelieved_IsNamedAndLeftOut()
    {
        var signer = new TestSigner();
        var place = new MemoryStore();
        await place.CreateAsync(Tenant, new StoredCheckpoint(1, await SignedCheckpoint.SignAsync(Checkpoints[0], new TestSigner())), default);
        await place.CreateAsync(Tenant, new StoredCheckpoint(40, await SignedCheckpoint.SignAsync(Checkpoints[1], signer)), default);
        await place.CreateAsync(Tenant, new StoredCheckpoint(41, await SignedCheckpoint.SignAsync(Checkpoints[1], signer)), default);
        await place.CreateAsync(Tenant, new StoredCheckpoint(42, new byte[10]), default);
        var read = await CheckpointCollection.ReadAsync([place], Tenant, "countersign/acme", [signer.Key]);
        Assert.Equal(Checkpoints[1], read.Checkpoints.Single());
        Assert.Equal(
            [(CheckpointErrorCodes.Unsigned, 1L), (CheckpointErrorCodes.Misplaced, 41), (CheckpointErrorCodes.NoteMalformed, 42)],
            read.Unbelieved.Select(fault => (fault.Code, fault.Size)));
    }

    private static AuditReport Audit(List<StoredEntry> log)
    {
        var audit = new CheckpointAudit(Tenant, Checkpoints);
        foreach (var entry in log)
        {
            audit.Add(entry);
        }

        return audit.Finish();
    }

    private static List<StoredEntry> Rewrite(int at, int length)
    {
        var random = new Seeded(77);
        var log = Log.Take(at).ToList();
        while (log.Count < length)
        {
            log.Add(SampleLog.Entry(Tenant, log.Count + 1, log.Count == 0 ? Hash256.Zero : log[^1].Hash(), ref random));
        }

        return log;
    }

    // As somebody would do it who may write the store: sequences and links of all that follows are made to fit.
    private static List<StoredEntry> Rechained(List<StoredEntry> log)
    {
        var previous = Hash256.Zero;
        for (var i = 0; i < log.Count; i++)
        {
            var link = previous;
            var sequence = i + 1;
            log[i] = SampleLog.Edit(log[i], entry => entry with { Sequence = sequence, PreviousHash = link });
            previous = log[i].Hash();
        }

        return log;
    }
}
