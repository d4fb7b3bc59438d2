using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

public abstract partial class LedgerConformance
{
    [Fact]
    public async Task ReadHeadAsync_EmptyLog_IsZero()
    {
        Assert.Equal(new LogHead(0, Hash256.Zero), await Ledger.ReadHeadAsync(Acme));
        Assert.Empty(await Ledger.ReadEntriesAsync(Acme, 1, 10));
        Assert.Empty(await Ledger.ReadRunEntriesAsync(Acme, Run1, 0, 10));
    }

    [Fact]
    public async Task CommitAsync_Entries_AreAppendedInTheirOrderWithAChain()
    {
        var first = await Ledger.CommitAsync(Acme, Entries(Entry("a"), Entry("b"), Entry("c")));
        var second = await Ledger.CommitAsync(Acme, Entries(Entry("e"), Entry("d")));

        var log = await IntactLogAsync(Acme);
        Assert.Equal(["a", "b", "c", "e", "d"], log.Select(e => e.EventId));
        Assert.Equal((false, 3L), (first.Repeated, first.LastSequence));
        Assert.Equal((false, 5L), (second.Repeated, second.LastSequence));
    }

    [Fact]
    public async Task CommitAsync_Entry_KeepsEveryField()
    {
        var draft = Entry("a", payload: """{"n":1}""");
        await Ledger.CommitAsync(Acme, Entries(draft));

        var stored = Assert.Single(await Ledger.ReadEntriesAsync(Acme, 1, 1000));
        var entry = EntryCodec.Decode(stored.Bytes.Span);
        Assert.Equal((draft.EventId, draft.Type, draft.Actor, draft.Run), (entry.EventId, entry.Type, entry.Actor, entry.Run));
        Assert.Equal((draft.Step, draft.CorrelationId, draft.TransactionId), (entry.Step, entry.CorrelationId, entry.TransactionId));
        Assert.Equal((Time.Now - DateTimeOffset.UnixEpoch).Ticks / 10, entry.Time);
        Assert.Equal("""{"n":1}""", Text(stored.Payload));
        Assert.False(stored.IsErased);
    }

    [Fact]
    public async Task CommitAsync_Salts_AreNeverTheSame()
    {
        await Ledger.CommitAsync(Acme, Entries([.. Enumerable.Range(0, 40).Select(i => Entry("e" + N(i)))]));

        var salts = (await LogAsync(Acme)).Select(e => Convert.ToHexString(e.Salt.Span)).ToList();
        Assert.All(salts, salt => Assert.Equal(2 * PayloadHash.SaltLength, salt.Length));
        Assert.Equal(40, salts.Distinct().Count());
    }

    [Fact]
    public async Task CommitAsync_ClockGoesBack_TimesDoNot()
    {
        var start = Time.Now;
        await Ledger.CommitAsync(Acme, Entries(Entry("a")));
        Time.Now = start.AddMinutes(-5);
        await Ledger.CommitAsync(Acme, Entries(Entry("b")));
        await ReopenAsync();
        await Ledger.CommitAsync(Acme, Entries(Entry("c")));
        Time.Now = start.AddSeconds(1);
        await Ledger.CommitAsync(Acme, Entries(Entry("d")));

        var log = await IntactLogAsync(Acme);
        Assert.Equal(log[0].Time, log[1].Time);
        Assert.Equal(log[0].Time, log[2].Time);
        Assert.Equal(log[0].Time + 1_000_000, log[3].Time);
    }

    [Fact]
    public async Task CommitAsync_LargePayloads_ComeBackAsTheyWere()
    {
        var payload = "\"" + new string('x', (32 * 1024) - 2) + "\"";
        await Ledger.CommitAsync(Acme, Entries(Entry("a", payload: payload)));
        await IntactLogAsync(Acme);

        Assert.Equal(payload, Text((await LogAsync(Acme))[0].Payload));
    }

    [Fact]
    public async Task CommitAsync_FortyEntries_AreOneCommit()
    {
        var receipt = await Ledger.CommitAsync(Acme, Entries([.. Enumerable.Range(0, 40).Select(i => Entry("e" + N(i)))]));

        Assert.Equal(40, receipt.LastSequence);
        Assert.Equal(40, (await IntactLogAsync(Acme)).Count);
    }

    [Fact]
    public async Task CommitAsync_MoreThanFortyEntries_IsRefused()
    {
        var commit = Entries([.. Enumerable.Range(0, 41).Select(i => Entry("e" + N(i)))]);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.CommitAsync(Acme, commit));
        Assert.Empty(await LogAsync(Acme));
    }

    [Fact]
    public async Task CommitAsync_EntryThatBreaksALimit_WritesNothing()
    {
        var commit = Entries(Entry("a"), Entry("b") with { Type = "nodot" }) with { Rows = [RowWrite.Put("row", Utf8("1"))] };
        await Assert.ThrowsAsync<EntryFormatException>(async () => await Ledger.CommitAsync(Acme, commit));
        var empty = Entries(Entry("c") with { Payload = default });
        var refused = await Assert.ThrowsAsync<EntryFormatException>(async () => await Ledger.CommitAsync(Acme, empty));

        Assert.Equal(EntryErrorCodes.FieldLength, refused.Code);
        Assert.Empty(await LogAsync(Acme));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));
        Assert.Equal(1, (await Ledger.CommitAsync(Acme, Entries(Entry("a")))).LastSequence);
        await IntactLogAsync(Acme);
    }

    [Fact]
    public async Task CommitAsync_OneEventIdTwice_IsRefused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.CommitAsync(Acme, Entries(Entry("a"), Entry("a"))));
        Assert.Empty(await LogAsync(Acme));
    }

    [Fact]
    public async Task CommitAsync_Again_IsARepeatThatWritesNothing()
    {
        var commit = Entries(Entry("a"), Entry("b")) with { Rows = [RowWrite.Put("row", Utf8("1"))] };
        await Ledger.CommitAsync(Acme, commit);
        var row = await Ledger.ReadRowAsync(Acme, "row");
        await Ledger.CommitAsync(Acme, Entries(Entry("c")));

        var repeat = await Ledger.CommitAsync(Acme, commit);

        Assert.Equal((true, 3L), (repeat.Repeated, repeat.LastSequence));
        Assert.Equal(3, (await IntactLogAsync(Acme)).Count);
        Assert.Equal(row!.Version, (await Ledger.ReadRowAsync(Acme, "row"))!.Version);
    }

    [Fact]
    public async Task CommitAsync_RepeatWhoseConditionsFailByNow_IsARepeat()
    {
        var commit = Entries(Entry("a")) with
        {
            Rows = [RowWrite.Insert("row", Utf8("1"))],
            Call = new CallRecord(Run1, "k", 1, "n", Utf8("{}")),
        };
        await Ledger.CommitAsync(Acme, commit);

        Assert.True((await Ledger.CommitAsync(Acme, commit)).Repeated);
        await ReopenAsync();
        Assert.True((await Ledger.CommitAsync(Acme, commit)).Repeated);
        Assert.Single(await IntactLogAsync(Acme));
    }

    [Fact]
    public async Task CommitAsync_EntriesAreThereAndTheCallIsNot_WritesTheCallAndTheRows()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("a"), Entry("b")));
        var commit = Entries(Entry("a"), Entry("b")) with
        {
            Rows = [RowWrite.Insert("row", Utf8("1"))],
            Call = new CallRecord(Run1, "k", 1, "n", Utf8("{}")),
        };

        var receipt = await Ledger.CommitAsync(Acme, commit);

        Assert.Equal((false, 2L), (receipt.Repeated, receipt.LastSequence));
        Assert.NotNull(receipt.CallVersion);
        Assert.NotNull(await Ledger.ReadRowAsync(Acme, "row"));
        Assert.Equal("n", (await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Nonce);
        Assert.Equal(2, (await IntactLogAsync(Acme)).Count);
        Assert.True((await Ledger.CommitAsync(Acme, commit)).Repeated);
    }

    [Fact]
    public async Task CommitAsync_PartlyThere_WritesTheRestAndTheRows()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("b")));

        var receipt = await Ledger.CommitAsync(
            Acme, Entries(Entry("a"), Entry("b"), Entry("c")) with { Rows = [RowWrite.Insert("row", Utf8("1"))] });

        Assert.Equal((false, 3L), (receipt.Repeated, receipt.LastSequence));
        Assert.Equal(["b", "a", "c"], (await IntactLogAsync(Acme)).Select(e => e.EventId));
        Assert.NotNull(await Ledger.ReadRowAsync(Acme, "row"));
    }

    [Fact]
    public async Task CommitAsync_PartlyThere_LooksAtTheConditions()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("a")) with { Rows = [RowWrite.Insert("row", Utf8("1"))] });

        var commit = Entries(Entry("a"), Entry("b")) with { Rows = [RowWrite.Insert("row", Utf8("2"))] };
        await Assert.ThrowsAsync<LedgerConflictException>(async () => await Ledger.CommitAsync(Acme, commit));

        Assert.Single(await IntactLogAsync(Acme));
    }

    [Fact]
    public async Task CommitAsync_EventOutsideRuns_IsRecognisedToo()
    {
        var outside = Entry("x/request-1/auth.signed_in", run: "");
        Assert.False((await Ledger.CommitAsync(Acme, Entries(outside))).Repeated);
        Assert.True((await Ledger.CommitAsync(Acme, Entries(outside))).Repeated);
        Assert.False((await Ledger.CommitAsync(Globex, Entries(outside))).Repeated);
    }

    [Fact]
    public async Task CommitAsync_Nothing_IsNoRepeat()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("a")));
        var receipt = await Ledger.CommitAsync(Acme, new LedgerCommit());
        Assert.Equal(new CommitReceipt(false, 1), receipt);
    }

    [Fact]
    public async Task ReadEntriesAsync_FromAndLimit_GivesThatPage()
    {
        for (var i = 0; i < 5; i++)
        {
            await Ledger.CommitAsync(Acme, Entries(Entry("a" + N(i)), Entry("b" + N(i))));
        }

        Assert.Equal([4L, 5L, 6L], Sequences(await Ledger.ReadEntriesAsync(Acme, 4, 3)));
        Assert.Equal([9L, 10L], Sequences(await Ledger.ReadEntriesAsync(Acme, 9, 1000)));
        Assert.Empty(await Ledger.ReadEntriesAsync(Acme, 11, 10));
    }

    [Fact]
    public async Task ReadRunEntriesAsync_OneOfSeveralRuns_GivesItsEntriesInOrder()
    {
        string[] runs = [Run1, Run2, "not-hexadecimal", "0195A3C27B1E7C44B6A1D0E5F2A39C01"];
        for (var i = 0; i < 40; i++)
        {
            await Ledger.CommitAsync(Acme, Entries(Entry(runs[i % 4] + "/" + N(i), runs[i % 4])));
        }

        for (var r = 0; r < runs.Length; r++)
        {
            var expected = Enumerable.Range(0, 10).Select(i => (long)((4 * i) + r + 1)).ToList();
            Assert.Equal(expected, Sequences(await Ledger.ReadRunEntriesAsync(Acme, runs[r], 0, 1000)));
            Assert.Equal(expected.Skip(4).Take(3), Sequences(await Ledger.ReadRunEntriesAsync(Acme, runs[r], expected[3], 3)));
            Assert.Empty(await Ledger.ReadRunEntriesAsync(Acme, runs[r], expected[^1], 1000));
        }

        Assert.Empty(await Ledger.ReadRunEntriesAsync(Acme, "unknown", 0, 1000));
    }

    [Fact]
    public async Task ReadRunEntriesAsync_LongLog_PagesThroughARunInOrder()
    {
        for (var i = 0; i < 60; i++)
        {
            var run = i % 2 == 0 ? Run1 : Run2;
            await Ledger.CommitAsync(Globex, Entries(Entry(N(i), run)));
            await Ledger.CommitAsync(Acme, Entries([.. Enumerable.Range(0, 40).Select(n => Entry(run + "/" + N(i) + "/" + N(n), run))]));
        }

        var read = new List<long>();
        for (var page = await Ledger.ReadRunEntriesAsync(Acme, Run1, 0, 333); page.Count > 0;
            page = await Ledger.ReadRunEntriesAsync(Acme, Run1, read[^1], 333))
        {
            read.AddRange(Sequences(page));
        }

        Assert.Equal(Enumerable.Range(0, 2400).Where(n => n / 40 % 2 == 0).Select(n => n + 1L), read);
    }

    [Fact]
    public async Task Log_AfterReopening_IsThereAndGoesOn()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("a"), Entry("b")));
        await ReopenAsync();
        Assert.Equal(2, (await Ledger.ReadHeadAsync(Acme)).Sequence);
        await Ledger.CommitAsync(Acme, Entries(Entry("c")));

        Assert.Equal(["a", "b", "c"], (await IntactLogAsync(Acme)).Select(e => e.EventId));
    }

    [Fact]
    public async Task Log_OfTwoTenants_AreApart()
    {
        await Ledger.CommitAsync(Acme, Entries(Entry("a"), Entry("b")));
        Assert.False((await Ledger.CommitAsync(Globex, Entries(Entry("a")))).Repeated);

        Assert.Equal(["a", "b"], (await IntactLogAsync(Acme)).Select(e => e.EventId));
        Assert.Equal(["a"], (await IntactLogAsync(Globex)).Select(e => e.EventId));
        Assert.Equal([1L], Sequences(await Ledger.ReadRunEntriesAsync(Globex, Run1, 0, 10)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task Reads_LimitOutOfRange_AreRefused(int limit)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.ReadEntriesAsync(Acme, 1, limit));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.ReadRunEntriesAsync(Acme, Run1, 0, limit));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.ScanRowsAsync(Acme, "", null, limit));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Ledger.ScanDueAsync(Time.Now, limit));
    }

    private static IEnumerable<long> Sequences(IEnumerable<StoredEntry> entries) =>
        entries.Select(e => EntryCodec.Decode(e.Bytes.Span).Sequence);
}
