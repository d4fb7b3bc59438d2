using System.Globalization;
using System.Text;
using Countersign.Conformance;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class SqliteLedgerTests : IDisposable
{
    private const string Tenant = "acme";
    private const string Run = "0195a3c27b1e7c44b6a1d0e5f2a39c01";

    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_NewerJournal_IsRefusedAndUntouched()
    {
        await Open().DisposeAsync();
        Change("UPDATE meta SET value = 99 WHERE name = 'version'");
        var before = File.ReadAllBytes(_folder["journal.db"]);

        var refused = Assert.Throws<NewerJournalException>(() => Open());
        Assert.Equal(("journal.newer-version", 99, 2), (refused.Code, refused.Found, refused.Known));
        Assert.Equal(before, File.ReadAllBytes(_folder["journal.db"]));
    }

    [Fact]
    public void Open_NoJournal_IsUnavailable()
    {
        File.WriteAllText(_folder["journal.db"], new string('x', 10_000));
        Assert.Throws<LedgerUnavailableException>(() => Open());
        Assert.Throws<LedgerUnavailableException>(() => Open(path: _folder["no/such/folder/journal.db"]));
    }

    [Fact]
    public void Open_OptionOutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SqliteLedger.Open(Options() with { QueueLimit = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SqliteLedger.Open(Options() with { GroupLimit = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SqliteLedger.Open(Options() with { Readers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SqliteLedger.Open(Options() with { CheckpointPages = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SqliteLedger.Open(Options() with { CacheKibibytes = 1 }));
    }

    [Fact]
    public async Task CommitAsync_FileFull_IsUnavailableAndLeavesTheRestWorking()
    {
        await using var ledger = SqliteLedger.Open(Options() with { MaxPages = 60 });
        var acknowledged = new List<string>();
        var failed = "";
        while (failed.Length == 0)
        {
            var id = Guid.NewGuid().ToString("N");
            try
            {
                await ledger.CommitAsync(Tenant, CommitOf(id, new string('x', 8000)));
                acknowledged.Add(id);
            }
            catch (LedgerUnavailableException)
            {
                failed = id;
            }
        }

        Assert.NotEmpty(acknowledged);
        Assert.Equal(acknowledged.Count, (await ledger.ReadHeadAsync(Tenant)).Sequence);
        Assert.Null(await ledger.ReadRowAsync(Tenant, "row|" + failed));
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.DeleteIfPresent("row|" + acknowledged[0])] });
        await Assert.ThrowsAsync<LedgerUnavailableException>(
            async () => await ledger.CommitAsync(Tenant, CommitOf(failed, new string('x', 30_000))));
        await ledger.DisposeAsync();

        await using var roomy = Open();
        Assert.False((await roomy.CommitAsync(Tenant, CommitOf(failed, "x"))).Repeated);
        Assert.Equal(acknowledged.Append(failed), await IntactAsync(roomy));
    }

    [SmallDiskFact]
    public async Task CommitAsync_DiskFull_IsUnavailableAndGoesOnWhenThereIsRoom()
    {
        using var disk = SmallDisk.Mount(_folder["disk"], mebibytes: 4);
        var ballast = Path.Combine(disk.Path, "ballast");
        File.WriteAllBytes(ballast, new byte[2 * 1024 * 1024]);
        var acknowledged = new List<string>();
        await using (var ledger = Open(path: Path.Combine(disk.Path, "journal.db")))
        {
            var failed = await FillAsync(ledger, acknowledged);
            Assert.Equal(acknowledged.Count, (await ledger.ReadHeadAsync(Tenant)).Sequence);
            File.Delete(ballast);
            Assert.False((await ledger.CommitAsync(Tenant, CommitOf(failed, "x"))).Repeated);
            acknowledged.Add(failed);
        }

        await using var again = Open(path: Path.Combine(disk.Path, "journal.db"));
        Assert.Equal(acknowledged, await IntactAsync(again));
    }

    [Fact]
    public async Task CommitAsync_MoreThanTheQueueHolds_WaitsForRoom()
    {
        await using var ledger = SqliteLedger.Open(Options() with { QueueLimit = 2, GroupLimit = 1 });
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            async () => await ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x")))));

        Assert.Equal(200, (await IntactAsync(ledger)).Count);
        Assert.Equal(200, ledger.Statistics.Commits);
    }

    [Fact]
    public async Task CommitAsync_ManyAtOnce_ShareTransactions()
    {
        await using var ledger = Open();
        var commits = Enumerable.Range(0, 500).Select(
            i => ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x")).AsTask());
        await Task.WhenAll(commits);

        var statistics = ledger.Statistics;
        Assert.InRange(statistics.Commits, 1, 499);
        Assert.Equal((500L, 500L, 500L, 500L), (statistics.Requests, statistics.Entries, statistics.Calls, statistics.Rows));
        Assert.Equal((0L, 0L), (statistics.Repeats, statistics.Conflicts));
    }

    [Fact]
    public async Task CommitAsync_OneOfAGroupConflicts_TheOthersDoNot()
    {
        await using var ledger = Open();
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Insert("row|3", "1"u8.ToArray())] });
        var commits = Enumerable.Range(0, 50)
            .Select(i => ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x")).AsTask()).ToList();
        await Task.WhenAll(commits.Where((_, i) => i != 3));

        await Assert.ThrowsAsync<LedgerConflictException>(() => commits[3]);
        Assert.Equal(49, (await IntactAsync(ledger)).Count);
        Assert.Equal(1, ledger.Statistics.Conflicts);
    }

    [Fact]
    public async Task DisposeAsync_CommitsUnderWay_AreWritten()
    {
        var ledger = Open();
        var commits = Enumerable.Range(0, 300)
            .Select(i => ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x")).AsTask()).ToList();
        await ledger.DisposeAsync();
        await Task.WhenAll(commits);
        await ledger.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.CommitAsync(Tenant, CommitOf("late", "x")));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.ReadHeadAsync(Tenant));
        await using var again = Open();
        Assert.Equal(300, (await IntactAsync(again)).Count);
    }

    [Fact]
    public async Task CommitAsync_PastCheckpoints_KeepsTheWriteAheadLogSmall()
    {
        await using var ledger = SqliteLedger.Open(Options() with { CheckpointPages = 100 });
        for (var i = 0; i < 600; i++)
        {
            await ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), new string('x', 8000)));
        }

        Assert.Equal(600, (await IntactAsync(ledger)).Count);
        Assert.True(new FileInfo(_folder["journal.db"]).Length > 4_000_000, "Nothing was copied into the database.");
        Assert.True(new FileInfo(_folder["journal.db-wal"]).Length < 6_000_000, "The write-ahead log was never begun again.");
    }

    [Fact]
    public async Task ReadRunCallsAsync_OpenAndAnswered_AllInOrderOfWriting()
    {
        await using var ledger = Open();
        var expected = new List<(string, int, bool)>();
        for (var i = 0; i < 50; i++)
        {
            var key = "k" + ((i * 37) % 50).ToString(CultureInfo.InvariantCulture);
            var opened = await ledger.CommitAsync(Tenant, new LedgerCommit { Call = new CallRecord(Run, key, 1, "n", null) });
            await ledger.CommitAsync("globex", new LedgerCommit { Call = new CallRecord(Run, key, 1, "n", null) });
            expected.Add((key, 1, false));
            if (i % 2 == 0)
            {
                var answer = new CallRecord(Run, key, 1, "n", "{}"u8.ToArray(), ExpectedVersion: opened.CallVersion);
                await ledger.CommitAsync(Tenant, new LedgerCommit { Call = answer });
                expected.Add((key, 1, true));
            }
        }

        var calls = await ledger.ReadRunCallsAsync(Tenant, Run);
        Assert.Equal(expected, calls.Select(c => (c.Key, c.Number, c.Answer is not null)));
        Assert.Empty(await ledger.ReadRunCallsAsync(Tenant, "other"));
        Assert.Empty(await ledger.ReadRunCallsAsync("nobody", Run));
    }

    [Fact]
    public async Task FindSequenceAsync_AnyTime_IsTheFirstEntryNotBefore()
    {
        await using var ledger = Open();
        Assert.Equal(1, await ledger.FindSequenceAsync(Tenant, _time.Now));
        var start = _time.Now;
        for (var i = 0; i < 30; i++)
        {
            _time.Now = start.AddSeconds(i / 3);
            await ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x"));
        }

        Assert.Equal(1, await ledger.FindSequenceAsync(Tenant, DateTimeOffset.MinValue));
        Assert.Equal(1, await ledger.FindSequenceAsync(Tenant, start));
        Assert.Equal(4, await ledger.FindSequenceAsync(Tenant, start.AddTicks(1)));
        Assert.Equal(13, await ledger.FindSequenceAsync(Tenant, start.AddSeconds(4)));
        Assert.Equal(31, await ledger.FindSequenceAsync(Tenant, start.AddSeconds(9).AddTicks(10)));
        Assert.Equal(31, await ledger.FindSequenceAsync(Tenant, DateTimeOffset.MaxValue));
    }

    [Fact]
    public async Task AnyCall_TenantThatIsNone_IsRefused()
    {
        await using var ledger = Open();
        foreach (var tenant in (string[])["", "\ud800", new string('é', 65)])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ledger.CommitAsync(tenant, new LedgerCommit()));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ledger.ReadHeadAsync(tenant));
        }
    }

    [Fact]
    public async Task DisposeAsync_CommitsWaitingForRoom_AreAnsweredToo()
    {
        var ledger = SqliteLedger.Open(Options() with { QueueLimit = 1, GroupLimit = 1 });
        var commits = Enumerable.Range(0, 300)
            .Select(i => ledger.CommitAsync(Tenant, CommitOf(i.ToString(CultureInfo.InvariantCulture), "x")).AsTask()).ToList();
        await ledger.DisposeAsync();
        var written = 0;
        foreach (var commit in commits)
        {
            try
            {
                await commit;
                written++;
            }
            catch (ObjectDisposedException)
            {
            }
        }

        await using var again = Open();
        Assert.Equal(written, (await IntactAsync(again)).Count);
    }

    [Fact]
    public async Task CommitAsync_SomeCallersGiveUp_TheOthersGetTheirOwnAnswers()
    {
        await using var ledger = SqliteLedger.Open(Options() with { QueueLimit = 50, GroupLimit = 7 });
        using var givesUp = new CancellationTokenSource();
        using var stays = new CancellationTokenSource();
        var commits = Enumerable.Range(0, 600).Select(i => Task.Run(async () =>
        {
            if (i == 300)
            {
                await givesUp.CancelAsync();
            }

            var name = i.ToString(CultureInfo.InvariantCulture);
            var receipt = await ledger.CommitAsync(Tenant, CommitOf(name, "x"), i % 2 == 0 ? givesUp.Token : stays.Token);
            var entry = EntryCodec.Decode(Assert.Single(await ledger.ReadEntriesAsync(Tenant, receipt.LastSequence, 1)).Bytes.Span);
            Assert.Equal(name, entry.EventId);
        })).ToList();

        for (var i = 0; i < commits.Count; i++)
        {
            try
            {
                await commits[i];
            }
            catch (OperationCanceledException canceled)
            {
                Assert.Equal(0, i % 2);
                Assert.Equal(givesUp.Token, canceled.CancellationToken);
            }
        }

        Assert.InRange((await IntactAsync(ledger)).Count, 300, 600);
    }

    [Fact]
    public async Task CommitAsync_HalfSurrogates_AreRefused()
    {
        await using var ledger = Open();
        LedgerCommit[] commits =
        [
            new() { Rows = [RowWrite.Put("a\ud800", "1"u8.ToArray())] },
            new() { Call = new CallRecord(Run, "a\udc00", 1, "n", null) },
            new() { Call = new CallRecord("r\ud800", "a", 1, "n", null) },
            new() { Call = new CallRecord(Run, "a", 1, "\ud800", null) },
        ];
        foreach (var commit in commits)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ledger.CommitAsync(Tenant, commit));
        }

        await Assert.ThrowsAsync<EntryFormatException>(async () => await ledger.CommitAsync(Tenant, CommitOf("\ud800", "x") with { Rows = [], Call = null }));
        Assert.Equal(0, (await ledger.ReadHeadAsync(Tenant)).Sequence);
    }

    private static async Task<string> FillAsync(SqliteLedger ledger, List<string> acknowledged)
    {
        while (true)
        {
            var id = Guid.NewGuid().ToString("N");
            try
            {
                await ledger.CommitAsync(Tenant, CommitOf(id, new string('x', 8000)));
                acknowledged.Add(id);
            }
            catch (LedgerUnavailableException)
            {
                return id;
            }
        }
    }

    private static LedgerCommit CommitOf(string id, string text)
    {
        var value = Encoding.UTF8.GetBytes("\"" + text + "\"");
        return new LedgerCommit
        {
            Rows = [RowWrite.Insert("row|" + id, value)],
            Entries = [new EntryDraft { EventId = id, Type = EventTypes.StepCompleted, Run = Run, Payload = value }],
            Call = new CallRecord(Run, id, 1, id, value),
        };
    }

    private static async Task<List<string>> IntactAsync(SqliteLedger ledger)
    {
        var entries = await ledger.ReadEntriesAsync(Tenant, 1, 1000);
        var previous = Hash256.Zero;
        foreach (var stored in entries)
        {
            Assert.Equal(previous, EntryCodec.Read(stored.Bytes.Span).PreviousHash);
            previous = stored.Hash();
        }

        return [.. entries.Select(e => EntryCodec.Decode(e.Bytes.Span).EventId)];
    }

    private SqliteLedgerOptions Options() => new() { Path = _folder["journal.db"], Time = _time };

    private SqliteLedger Open(string? path = null) => SqliteLedger.Open(Options() with { Path = path ?? _folder["journal.db"] });

    private void Change(string sql)
    {
        using var connection = Connection.Open(_folder["journal.db"], readOnly: false);
        connection.Execute(sql);
    }
}
