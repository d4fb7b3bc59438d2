using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

public abstract partial class LedgerConformance
{
    [Fact]
    public async Task ReadRowAsync_NoRow_IsNull() => Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));

    [Fact]
    public async Task Insert_NoRow_WritesIt()
    {
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Insert("row", Utf8("""{"a":1}"""))));

        var row = await Ledger.ReadRowAsync(Acme, "row");
        Assert.Equal(("row", """{"a":1}"""), (row!.Key, Text(row.Value)));
        Assert.NotEmpty(row.Version);
    }

    [Fact]
    public async Task Insert_RowThere_Conflicts()
    {
        var row = await PutAsync(Acme, "row", "1");
        var conflict = await ConflictAsync(Rows(RowWrite.Insert("row", Utf8("2"))));

        Assert.Equal("row", conflict.Key);
        Assert.Equal(row.Version, (await Ledger.ReadRowAsync(Acme, "row"))!.Version);
    }

    [Fact]
    public async Task Replace_ExpectedVersion_WritesANewOne()
    {
        var before = await PutAsync(Acme, "row", "1");
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Replace("row", Utf8("2"), before.Version)));

        var after = await Ledger.ReadRowAsync(Acme, "row");
        Assert.Equal("2", Text(after!.Value));
        Assert.NotEqual(before.Version, after.Version);
    }

    [Fact]
    public async Task Replace_SameValue_StillChangesTheVersion()
    {
        var before = await PutAsync(Acme, "row", "1");
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Replace("row", Utf8("1"), before.Version)));

        Assert.NotEqual(before.Version, (await Ledger.ReadRowAsync(Acme, "row"))!.Version);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0")]
    [InlineData("")]
    public async Task Replace_VersionThatNeverWas_Conflicts(string version)
    {
        await PutAsync(Acme, "row", "1");
        await ConflictAsync(Rows(RowWrite.Replace("row", Utf8("2"), version)));
        await ConflictAsync(Rows(RowWrite.Replace("no-row", Utf8("2"), version)));

        Assert.Equal("1", Text((await Ledger.ReadRowAsync(Acme, "row"))!.Value));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "no-row"));
    }

    [Fact]
    public async Task Replace_OldVersion_Conflicts()
    {
        var old = await PutAsync(Acme, "row", "1");
        await PutAsync(Acme, "row", "2");

        Assert.Equal("row", (await ConflictAsync(Rows(RowWrite.Replace("row", Utf8("3"), old.Version)))).Key);
        Assert.Equal("2", Text((await Ledger.ReadRowAsync(Acme, "row"))!.Value));
    }

    [Fact]
    public async Task Replace_RowDeletedAndWrittenAgain_Conflicts()
    {
        var old = await PutAsync(Acme, "row", "1");
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Delete("row", old.Version)));
        await ReopenAsync();
        await PutAsync(Acme, "row", "1");

        await ConflictAsync(Rows(RowWrite.Replace("row", Utf8("2"), old.Version)));
    }

    [Fact]
    public async Task Put_WhateverIsThere_Writes()
    {
        await PutAsync(Acme, "row", "1");
        var row = await PutAsync(Acme, "row", "2");

        Assert.Equal("2", Text(row.Value));
    }

    [Fact]
    public async Task Delete_ExpectedVersion_Removes()
    {
        var row = await PutAsync(Acme, "row", "1");
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Delete("row", row.Version)));

        Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));
    }

    [Fact]
    public async Task Delete_OldVersionOrNoRow_Conflicts()
    {
        var old = await PutAsync(Acme, "row", "1");
        await PutAsync(Acme, "row", "2");

        await ConflictAsync(Rows(RowWrite.Delete("row", old.Version)));
        await ConflictAsync(Rows(RowWrite.Delete("other", old.Version)));
        Assert.NotNull(await Ledger.ReadRowAsync(Acme, "row"));
    }

    [Fact]
    public async Task DeleteIfPresent_Either_IsFine()
    {
        await PutAsync(Acme, "row", "1");
        await Ledger.CommitAsync(Acme, Rows(RowWrite.DeleteIfPresent("row"), RowWrite.DeleteIfPresent("other")));

        Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));
    }

    [Fact]
    public async Task CommitAsync_OneConditionFails_WritesNothingAtAll()
    {
        await PutAsync(Acme, "there", "1");
        var commit = Entries(Entry("a")) with
        {
            Rows = [RowWrite.Put("before", Utf8("1")), RowWrite.Insert("there", Utf8("2")), RowWrite.Put("after", Utf8("1"))],
            Call = new CallRecord(Run1, "k", 1, "n", Utf8("{}")),
        };

        Assert.Equal("there", (await ConflictAsync(commit)).Key);
        Assert.Null(await Ledger.ReadRowAsync(Acme, "before"));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "after"));
        Assert.Equal("1", Text((await Ledger.ReadRowAsync(Acme, "there"))!.Value));
        Assert.Empty(await LogAsync(Acme));
        Assert.Null(await Ledger.ReadCallAsync(Acme, Run1, "k"));
    }

    [Fact]
    public async Task CommitAsync_RowsEntriesAndCall_AreWrittenTogether()
    {
        var row = await PutAsync(Acme, "replaced", "1");
        var gone = await PutAsync(Acme, "gone", "1");
        var receipt = await Ledger.CommitAsync(Acme, Entries(Entry("a")) with
        {
            Rows =
            [
                RowWrite.Insert("new", Utf8("1")),
                RowWrite.Replace("replaced", Utf8("2"), row.Version),
                RowWrite.Delete("gone", gone.Version),
            ],
            Call = new CallRecord(Run1, "k", 1, "n", Utf8("{}")),
        });

        await ReopenAsync();
        Assert.Equal(1, receipt.LastSequence);
        Assert.Single(await IntactLogAsync(Acme));
        Assert.NotNull(await Ledger.ReadRowAsync(Acme, "new"));
        Assert.Equal("2", Text((await Ledger.ReadRowAsync(Acme, "replaced"))!.Value));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "gone"));
        Assert.NotNull(await Ledger.ReadCallAsync(Acme, Run1, "k"));
    }

    [Fact]
    public async Task CommitAsync_OneRowTwice_IsRefused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await Ledger.CommitAsync(Acme, Rows(RowWrite.Put("row", Utf8("1")), RowWrite.DeleteIfPresent("row"))));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));
    }

    [Fact]
    public async Task CommitAsync_ValueOf32Kibibytes_ComesBack()
    {
        var value = new string('v', 32 * 1024);
        var row = await PutAsync(Acme, "row", value);
        Assert.Equal(value, Text(row.Value));

        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await Ledger.CommitAsync(Acme, Rows(RowWrite.Put("row", Utf8(value + "v")))));
        Assert.Equal(value, Text((await Ledger.ReadRowAsync(Acme, "row"))!.Value));
    }

    [Theory]
    [InlineData("a|b|0001")]
    [InlineData("a'b")]
    [InlineData("a;DROP TABLE row")]
    [InlineData("a%b_c*d[e]")]
    [InlineData("a b")]
    [InlineData("A")]
    [InlineData("ünï|日本|😀")]
    public async Task Rows_OddKeys_AreKeysLikeOthers(string key)
    {
        await PutAsync(Acme, key, "1");
        await PutAsync(Acme, "a", "2");

        Assert.Equal("1", Text((await Ledger.ReadRowAsync(Acme, key))!.Value));
        Assert.Equal(key, Assert.Single(await Ledger.ScanRowsAsync(Acme, key, null, 10)).Key);
        await ConflictAsync(Rows(RowWrite.Insert(key, Utf8("3"))));
        await Ledger.CommitAsync(Acme, Rows(RowWrite.DeleteIfPresent(key)));
        Assert.Null(await Ledger.ReadRowAsync(Acme, key));
        Assert.NotNull(await Ledger.ReadRowAsync(Acme, "a"));
    }

    [Fact]
    public async Task Rows_OfTwoTenants_AreApart()
    {
        var acme = await PutAsync(Acme, "row", "acme");
        var globex = await PutAsync(Globex, "row", "globex");

        await Ledger.CommitAsync(Acme, Rows(RowWrite.Delete("row", acme.Version)));
        Assert.Null(await Ledger.ReadRowAsync(Acme, "row"));
        Assert.Empty(await Ledger.ScanRowsAsync(Acme, "", null, 10));
        Assert.Equal("globex", Text((await Ledger.ReadRowAsync(Globex, "row"))!.Value));
        Assert.Equal(globex.Version, Assert.Single(await Ledger.ScanRowsAsync(Globex, "row", null, 10)).Version);
    }

    [Fact]
    public async Task ScanRowsAsync_Prefix_GivesItsRowsInOrdinalOrder()
    {
        foreach (var key in (string[])["run|b", "run|B", "run", "run|", "run|a|2", "run|a", "run}", "rum|a", "run|10", "run|9", "wait|a"])
        {
            await PutAsync(Acme, key, "1");
        }

        string[] expected = ["run|", "run|10", "run|9", "run|B", "run|a", "run|a|2", "run|b"];
        Assert.Equal(expected, Keys(await Ledger.ScanRowsAsync(Acme, "run|", null, 1000)));
        Assert.Equal(expected[..3], Keys(await Ledger.ScanRowsAsync(Acme, "run|", null, 3)));
        Assert.Equal(expected[3..], Keys(await Ledger.ScanRowsAsync(Acme, "run|", "run|9", 1000)));
        Assert.Equal(expected[3..5], Keys(await Ledger.ScanRowsAsync(Acme, "run|", "run|9", 2)));
        Assert.Equal(expected[3..], Keys(await Ledger.ScanRowsAsync(Acme, "run|", "run|99", 1000)));
        Assert.Equal(expected, Keys(await Ledger.ScanRowsAsync(Acme, "run|", "a", 1000)));
        Assert.Empty(await Ledger.ScanRowsAsync(Acme, "run|", "run|b", 1000));
        Assert.Empty(await Ledger.ScanRowsAsync(Acme, "run|", "wait|", 1000));
        Assert.Equal(11, (await Ledger.ScanRowsAsync(Acme, "", null, 1000)).Count);
    }

    [Fact]
    public async Task ScanDueAsync_SeveralTenants_EarliestFirstUpToTheTime()
    {
        var now = Time.Now;
        await PutAsync(Acme, RowKeys.Due(now.AddSeconds(2), Run1, "a"), "1");
        await PutAsync(Globex, RowKeys.Due(now.AddSeconds(1), Run1, "a"), "2");
        await PutAsync(Acme, RowKeys.Due(now, Run1, "a"), "3");
        await PutAsync(Acme, RowKeys.Due(now.AddTicks(1), Run2, "a"), "4");
        await PutAsync(Globex, RowKeys.Due(now.AddSeconds(-1), Run2, "a"), "5");
        await PutAsync(Globex, "dud", "6");
        await PutAsync(Globex, "due}", "7");

        Assert.Equal(["5", "3"], Values(await Ledger.ScanDueAsync(now, 1000)));
        Assert.Equal(["5", "3", "4", "2", "1"], Values(await Ledger.ScanDueAsync(now.AddDays(1), 1000)));
        Assert.Equal(["5", "3", "4"], Values(await Ledger.ScanDueAsync(now.AddDays(1), 3)));
        Assert.Empty(await Ledger.ScanDueAsync(now.AddDays(-1), 1000));
        var first = (await Ledger.ScanDueAsync(now, 1))[0];
        Assert.Equal((Globex, now.AddSeconds(-1)), (first.Tenant, RowKeys.DueTime(first.Row.Key)));
    }

    [Fact]
    public async Task ScanDueAsync_RowActedOn_IsGone()
    {
        var key = RowKeys.Due(Time.Now, Run1, "a");
        await PutAsync(Acme, key, "1");
        await PutAsync(Globex, key, "1");
        var due = (await Ledger.ScanDueAsync(Time.Now, 10)).Single(d => d.Tenant == Acme);
        await Ledger.CommitAsync(Acme, Rows(RowWrite.Delete(key, due.Row.Version)));

        Assert.Equal(Globex, Assert.Single(await Ledger.ScanDueAsync(Time.Now, 10)).Tenant);
    }

    private static IEnumerable<string> Keys(IEnumerable<Row> rows) => rows.Select(r => r.Key);

    private static IEnumerable<string> Values(IEnumerable<DueRow> rows) => rows.Select(r => Text(r.Row.Value));

    private async Task<Row> PutAsync(string tenant, string key, string value)
    {
        await Ledger.CommitAsync(tenant, Rows(RowWrite.Put(key, Utf8(value))));
        return (await Ledger.ReadRowAsync(tenant, key))!;
    }

    private Task<LedgerConflictException> ConflictAsync(LedgerCommit commit) =>
        Assert.ThrowsAsync<LedgerConflictException>(async () => await Ledger.CommitAsync(Acme, commit));
}
