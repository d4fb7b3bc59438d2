using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

public abstract partial class LedgerConformance
{
    [Fact]
    public async Task ReadCallAsync_NeverRecorded_IsNull() => Assert.Null(await Ledger.ReadCallAsync(Acme, Run1, "k"));

    [Fact]
    public async Task ReadRunCallsAsync_CallsOfSeveralRuns_AreThoseOfTheRunInOrder()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "b", 1, "n", Utf8("1"))));
        var opened = await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "a", 1, "n", null)));
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run2, "c", 1, "n", Utf8("2"))));
        await Ledger.CommitAsync(Globex, Call(new CallRecord(Run1, "d", 1, "n", Utf8("3"))));
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "e", 1, "n", Utf8(new string('4', 70_000)))));
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "a", 1, "n", Utf8("5"), ExpectedVersion: opened.CallVersion)));

        var calls = await Ledger.ReadRunCallsAsync(Acme, Run1);

        var newest = calls.Reverse().DistinctBy(call => call.Key).Reverse().ToList();
        Assert.Equal(["b", "e", "a"], newest.Select(call => call.Key));
        Assert.Equal([1, 70_000, 1], newest.Select(call => call.Answer!.Value.Length));
        Assert.Equal("5", Text(newest[2].Answer!.Value));
        Assert.Empty(await Ledger.ReadRunCallsAsync("nobody", Run1));
    }

    [Fact]
    public async Task Call_Opened_IsThereWithoutAnAnswer()
    {
        var receipt = await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "steps/a/1/1", 1, "nonce", null)));

        var call = await Ledger.ReadCallAsync(Acme, Run1, "steps/a/1/1");
        Assert.Equal((Run1, "steps/a/1/1", 1, "nonce"), (call!.Run, call.Key, call.Number, call.Nonce));
        Assert.Null(call.Answer);
        Assert.NotNull(call.Version);
        Assert.Equal(call.Version, receipt.CallVersion);
    }

    [Fact]
    public async Task Call_OpenedAndAnswered_ShowsTheAnswer()
    {
        var opened = await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "n", null)));
        var answered = await Ledger.CommitAsync(
            Acme, Call(new CallRecord(Run1, "k", 1, "n", Utf8("""{"v":1}"""), ExpectedVersion: opened.CallVersion)));

        await ReopenAsync();
        var call = await Ledger.ReadCallAsync(Acme, Run1, "k");
        Assert.Equal("""{"v":1}""", Text(call!.Answer!.Value));
        Assert.Equal(answered.CallVersion, call.Version);
        Assert.NotEqual(opened.CallVersion, call.Version);
    }

    [Fact]
    public async Task Call_AnsweredAtOnce_ShowsTheAnswer()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "n", Utf8("{}"))));
        Assert.Equal("{}", Text((await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Answer!.Value));
    }

    [Fact]
    public async Task Call_EmptyAnswer_IsAnAnswer()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "n", ReadOnlyMemory<byte>.Empty)));
        Assert.Equal(0, (await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Answer?.Length);
    }

    [Fact]
    public async Task Call_ThereWhereNoneMayBe_Conflicts()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "mine", null)));

        var conflict = await ConflictAsync(
            Entries(Entry("a")) with { Call = new CallRecord(Run1, "k", 1, "foreign", Utf8("{}")) });

        Assert.Equal("k", conflict.Key);
        Assert.Equal("mine", (await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Nonce);
        Assert.Empty(await LogAsync(Acme));
    }

    [Fact]
    public async Task Call_NotThereWhereOneIsExpected_Conflicts()
    {
        await ConflictAsync(Call(new CallRecord(Run1, "k", 1, "n", null, ExpectedVersion: "1")));
        Assert.Null(await Ledger.ReadCallAsync(Acme, Run1, "k"));
    }

    [Fact]
    public async Task Call_NextNumberOverAForeignOne_BeatsItsAnswer()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "first", null)));
        var seen = await Ledger.ReadCallAsync(Acme, Run1, "k");
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 2, "second", null, ExpectedVersion: seen!.Version)));

        await ConflictAsync(Call(new CallRecord(Run1, "k", 1, "first", Utf8("{}"), ExpectedVersion: seen.Version)));
        var call = await Ledger.ReadCallAsync(Acme, Run1, "k");
        Assert.Equal((2, "second"), (call!.Number, call.Nonce));
        Assert.Null(call.Answer);
    }

    [Fact]
    public async Task Calls_OfOtherKeysRunsAndTenants_AreApart()
    {
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "k", 1, "a", Utf8("1"))));
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run1, "K", 1, "b", Utf8("2"))));
        await Ledger.CommitAsync(Acme, Call(new CallRecord(Run2, "k", 1, "c", Utf8("3"))));
        await Ledger.CommitAsync(Globex, Call(new CallRecord(Run1, "k", 1, "d", Utf8("4"))));

        Assert.Equal("a", (await Ledger.ReadCallAsync(Acme, Run1, "k"))!.Nonce);
        Assert.Equal("b", (await Ledger.ReadCallAsync(Acme, Run1, "K"))!.Nonce);
        Assert.Equal("c", (await Ledger.ReadCallAsync(Acme, Run2, "k"))!.Nonce);
        Assert.Equal("d", (await Ledger.ReadCallAsync(Globex, Run1, "k"))!.Nonce);
    }
}
