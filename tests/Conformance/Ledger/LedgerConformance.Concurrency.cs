using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

public abstract partial class LedgerConformance
{
    private const int Writers = 16;

    [Fact]
    public async Task CommitAsync_SixteenWritersOnOneTenant_NoGapNoDuplicateChainIntact()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            var last = new List<long>();
            for (var i = 0; i < 20; i++)
            {
                var commit = Entries(Entry($"{w}/{i}/a"), Entry($"{w}/{i}/b"));
                last.Add((await Ledger.CommitAsync(Acme, commit)).LastSequence);
            }

            return last;
        })));

        var log = await IntactLogAsync(Acme);
        Assert.Equal(Writers * 20 * 2, log.Count);
        Assert.Equal(log.Count, log.Select(e => e.EventId).Distinct().Count());
        Assert.Equal(Writers * 20, receipts.SelectMany(r => r).Distinct().Count());
        Assert.All(log.Where(e => e.EventId.EndsWith('a')), e => Assert.Equal(e.EventId[..^1] + "b", log[(int)e.Sequence].EventId));
    }

    [Fact]
    public async Task CommitAsync_OneRowByManyWriters_ExactlyOneWinsEachTime()
    {
        var row = await PutAsync(Acme, "row", "start");
        for (var round = 0; round < 5; round++)
        {
            var seen = row;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
            {
                var commit = Entries(Entry($"{round}/{w}")) with { Rows = [RowWrite.Replace("row", Utf8(N(w)), seen.Version)] };
                return await WinsAsync(commit) ? w : -1;
            })));

            var winner = Assert.Single(outcomes, w => w >= 0);
            row = (await Ledger.ReadRowAsync(Acme, "row"))!;
            Assert.Equal(N(winner), Text(row.Value));
            Assert.Equal($"{round}/{winner}", (await IntactLogAsync(Acme))[round].EventId);
        }
    }

    [Fact]
    public async Task CommitAsync_OneInsertByManyWriters_ExactlyOneWins()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(
            () => WinsAsync(Rows(RowWrite.Insert("row", Utf8(N(w))))))));

        Assert.Single(wins, true);
    }

    [Fact]
    public async Task CommitAsync_OneCallByManyDeliveries_ExactlyOneOpensIt()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(
            () => WinsAsync(Call(new CallRecord(Run1, "k", 1, N(w), null))))));

        var winner = Array.IndexOf(wins, true);
        Assert.Single(wins, true);
        Assert.Equal(N(winner), (await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Nonce);
    }

    [Fact]
    public async Task CommitAsync_OneCommitManyTimesAtOnce_IsAppendedOnce()
    {
        var commit = Entries(Entry("a"), Entry("b")) with { Rows = [RowWrite.Insert("row", Utf8("1"))] };
        var receipts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () => await Ledger.CommitAsync(Acme, commit))));

        Assert.Single(receipts, r => !r.Repeated);
        Assert.All(receipts, r => Assert.Equal(2, r.LastSequence));
        Assert.Equal(2, (await IntactLogAsync(Acme)).Count);
    }

    [Fact]
    public async Task Reads_AfterAnAcknowledgedCommit_SeeIt()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var id = $"{w}/{i}";
                var receipt = await Ledger.CommitAsync(
                    Acme,
                    Entries(Entry(id)) with
                    {
                        Rows = [RowWrite.Put("row|" + N(w), Utf8(N(i)))],
                        Call = new CallRecord(Run1, id, 1, id, Utf8(N(i))),
                    });
                Assert.Equal(N(i), Text((await Ledger.ReadRowAsync(Acme, "row|" + N(w)))!.Value));
                Assert.Equal(N(i), Text((await Ledger.ReadCallAsync(Acme, Run1, id))!.Answer!.Value));
                Assert.True((await Ledger.ReadHeadAsync(Acme)).Sequence >= receipt.LastSequence);
                var entry = Assert.Single(await Ledger.ReadEntriesAsync(Acme, receipt.LastSequence, 1));
                Assert.Equal(id, EntryCodec.Decode(entry.Bytes.Span).EventId);
            }
        })));
    }

    [Fact]
    public async Task CommitAsync_AlreadyCanceled_ThrowsAndWritesNothing()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Ledger.CommitAsync(Acme, Entries(Entry("a")), canceled.Token));

        Assert.Empty(await LogAsync(Acme));
    }

    private async Task<bool> WinsAsync(LedgerCommit commit)
    {
        try
        {
            await Ledger.CommitAsync(Acme, commit);
            return true;
        }
        catch (LedgerConflictException)
        {
            return false;
        }
    }
}
