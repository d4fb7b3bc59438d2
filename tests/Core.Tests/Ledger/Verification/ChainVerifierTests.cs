using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Core.Tests.Ledger.Verification;

public sealed class ChainVerifierTests
{
    private static readonly List<StoredEntry> Log = SampleLog.Of("acme", 20);
    private static readonly ChainStart Start = ChainStart.Genesis("acme");

    [Fact]
    public void Verify_UntouchedLog_IsIntact()
    {
        var tree = new MerkleTree();
        Log.ForEach(e => tree.Append(MerkleHash.Leaf(e.Hash())));

        var report = ChainVerifier.Verify(Log, Start, SampleLog.EndOf(Log), new CompactRange());

        Assert.True(report.Intact);
        Assert.Equal((20L, 0L, 1L, 20L), (report.Entries, report.Erased, report.FirstSequence, report.LastSequence));
        Assert.Equal(Log[^1].Hash(), report.Head);
        Assert.Equal(tree.Root(), report.Root);
        Assert.Empty(report.Faults);
    }

    [Fact]
    public void Verify_PartWithItsStart_IsIntactAndItsTreeGoesOn()
    {
        var whole = ChainVerifier.Verify(Log, Start, tree: new CompactRange());
        var tree = new CompactRange();
        var first = ChainVerifier.Verify(Log.Take(8), Start, tree: tree);

        var second = ChainVerifier.Verify(Log.Skip(8), new ChainStart("acme", 9, first.Head), tree: tree);

        Assert.True(second.Intact);
        Assert.Equal((9L, 20L), (second.FirstSequence, second.LastSequence));
        Assert.Equal(whole.Root, second.Root);
    }

    [Fact]
    public void Verify_NoEntries_IsIntactAndEndsWhereItStarts()
    {
        var report = ChainVerifier.Verify([], new ChainStart("acme", 5, Hash256.Of("x"u8)));

        Assert.True(report.Intact);
        Assert.Equal((0L, 0L, Hash256.Of("x"u8)), (report.FirstSequence, report.LastSequence, report.Head));
    }

    [Fact]
    public void Verify_ErasedPayloads_AreCountedAndNoFault()
    {
        var log = Log.Select((e, i) => i % 3 == 0 ? e.Erase() : i % 3 == 1 ? e with { Payload = default } : e).ToList();

        var report = ChainVerifier.Verify(log, Start, SampleLog.EndOf(Log));

        Assert.True(report.Intact);
        Assert.Equal(14, report.Erased);
    }

    [Fact]
    public void Verify_PayloadWithoutItsSalt_IsAMismatch() =>
        AssertFirst(Replace(4, Log[4] with { Salt = default }), VerifyFaultCodes.PayloadMismatch, 4, 5);

    [Fact]
    public void Verify_ChangedPayload_IsAMismatch() =>
        AssertFirst(Replace(4, Log[4] with { Payload = "{}"u8.ToArray() }), VerifyFaultCodes.PayloadMismatch, 4, 5);

    [Fact]
    public void Verify_ChangedField_BreaksTheNextLink() =>
        AssertFirst(Replace(4, SampleLog.Edit(Log[4], e => e with { Actor = "u-8" })), VerifyFaultCodes.HashMismatch, 5, 6);

    [Fact]
    public void Verify_ChangedLastEntry_IsCaughtByTheKnownEnd()
    {
        var log = Replace(19, SampleLog.Edit(Log[19], e => e with { Actor = "u-8" }));

        Assert.True(ChainVerifier.Verify(log, Start).Intact);
        AssertFirst(log, VerifyFaultCodes.HeadMismatch, 19, 20);
    }

    [Fact]
    public void Verify_CutOffEnd_IsCaughtByTheKnownEnd()
    {
        Assert.True(ChainVerifier.Verify(Log.Take(15), Start).Intact);
        AssertFirst([.. Log.Take(15)], VerifyFaultCodes.Truncated, 15, 16);
        AssertFirst([], VerifyFaultCodes.Truncated, 0, 1);
    }

    [Fact]
    public void Verify_LogThatGrewBeyondTheKnownEnd_IsIntact() =>
        Assert.True(ChainVerifier.Verify(Log, Start, new ChainEnd(12, Log[11].Hash())).Intact);

    [Fact]
    public void Verify_RewrittenFromSomewhereOn_IsCaughtByTheKnownEnd()
    {
        var random = new Seeded(9);
        var log = Log.Take(10).ToList();
        while (log.Count < 25)
        {
            log.Add(SampleLog.Entry("acme", log.Count + 1, log[^1].Hash(), ref random));
        }

        Assert.True(ChainVerifier.Verify(log, Start).Intact);
        AssertFirst(log, VerifyFaultCodes.HeadMismatch, 19, 20);
    }

    [Fact]
    public void Verify_OneEntryMissing_IsOneGap()
    {
        var report = AssertFirst([.. Log.Take(4), .. Log.Skip(5)], VerifyFaultCodes.SequenceGap, 4, 5);

        Assert.Equal(1, report.FaultCount);
    }

    [Fact]
    public void Verify_TwoEntriesSwapped_IsAReordering()
    {
        var report = AssertFirst([.. Log.Take(4), Log[5], Log[4], .. Log.Skip(6)], VerifyFaultCodes.Reordered, 4, 5);

        Assert.All(report.Faults, f => Assert.Equal(VerifyFaultCodes.Reordered, f.Code));
        Assert.Equal(2, report.FaultCount);
    }

    [Fact]
    public void Verify_PartOfAGapComesLater_StaysAGap()
    {
        var report = AssertFirst([.. Log.Take(4), .. Log.Skip(7), Log[5]], VerifyFaultCodes.SequenceGap, 4, 5);

        Assert.Equal(VerifyFaultCodes.Reordered, report.Faults[1].Code);
    }

    [Fact]
    public void Verify_EntryTwice_IsADuplicate()
    {
        AssertFirst([.. Log.Take(5), Log[4], .. Log.Skip(5)], VerifyFaultCodes.Duplicate, 5, 5);
        AssertFirst([.. Log, Log[0]], VerifyFaultCodes.Duplicate, 20, 1);
        AssertFirst([.. Log.Take(4), Log[5], Log[4], Log[4], .. Log.Skip(6)], VerifyFaultCodes.Reordered, 4, 5);
    }

    [Fact]
    public void Verify_ForeignEntry_IsNamed()
    {
        var other = SampleLog.Of("evil", 20);

        var report = AssertFirst(Replace(4, other[4]), VerifyFaultCodes.ForeignTenant, 4, 5);

        Assert.Contains("evil", report.Faults[0].Message, StringComparison.Ordinal);
        Assert.Equal(VerifyFaultCodes.SequenceGap, report.Faults[1].Code);
    }

    [Fact]
    public void Verify_NotAnEntry_IsMalformedAndNoRootIsGiven()
    {
        var log = Replace(4, Log[4] with { Bytes = "no entry"u8.ToArray() });

        AssertFirst(log, VerifyFaultCodes.Malformed, 4, 5);
        Assert.Null(ChainVerifier.Verify(log, Start, tree: new CompactRange()).Root);
    }

    [Fact]
    public void Verify_GreatestSequence_IsAGapAndNoOverflow()
    {
        var random = new Seeded(3);
        var last = SampleLog.Entry("acme", long.MaxValue, Hash256.Zero, ref random);

        AssertFirst([.. Log, last, last], VerifyFaultCodes.SequenceGap, 20, 21);
    }

    [Fact]
    public void Verify_MoreFaultsThanListed_AreStillCounted()
    {
        var report = ChainVerifier.Verify(SampleLog.Of("evil", 250), Start);

        Assert.Equal((250L, ChainVerifier.MaxFaults), (report.FaultCount, report.Faults.Count));
    }

    [Fact]
    public void Constructor_TreeOfAnotherSize_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ChainVerifier(new ChainStart("acme", 2, Hash256.Zero), tree: new CompactRange()));

    private static List<StoredEntry> Replace(int at, StoredEntry by) => [.. Log.Take(at), by, .. Log.Skip(at + 1)];

    private static VerifyReport AssertFirst(List<StoredEntry> log, string code, long position, long sequence)
    {
        var report = ChainVerifier.Verify(log, Start, SampleLog.EndOf(Log));
        Assert.False(report.Intact);
        var first = report.Faults[0];
        Assert.Equal((code, position, sequence), (first.Code, first.Position, first.Sequence));
        return report;
    }
}
