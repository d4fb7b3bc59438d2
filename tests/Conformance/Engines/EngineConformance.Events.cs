using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Callback = """
        language: "1.0"
        name: callback
        version: 1.0.0
        start: before
        steps:
          - { id: before, type: wait, event: { name: go }, next: first }
          - { id: first, type: wait, event: { name: paid, schema: { type: object, required: [n] } }, next: second }
          - { id: second, type: wait, event: { name: paid, schema: { type: object, required: [n] } } }
        output: "${ [steps.first.output.n, steps.second.output.n] }"
        """;

    private RunEvents Events => Under.Core.Events(Under.Engine);

    [Fact]
    public async Task Event_BeforeItsWait_IsKeptAndTakenInOrder()
    {
        var run = await StartAsync(Callback);
        await WaitingAsync(run, "before:1:1");
        for (var n = 1; n <= 3; n++)
        {
            await SendAsync(run, "paid", n);
        }

        Assert.Equal(3, await CountAsync(run, EventTypes.WaitEventKept));
        Assert.Equal(0, await CountAsync(run, EventTypes.WaitEventReceived));
        await SendAsync(run, "go", 0);

        Assert.Equal("[1,2]", (await OutputAsync(run)).GetRawText());
        Assert.Equal(3, await CountAsync(run, EventTypes.WaitEventReceived));
        Assert.Equal("bob", (await EntriesAsync(run)).Last(entry => entry.Type == EventTypes.WaitEventReceived).Actor);
        Assert.Equal(3, Assert.Single(await Under.Core.Kept.ListAsync(run, CancellationToken.None)).Event.Number);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Event_KeptAndNeverTaken_IsDroppedAndSaysSo()
    {
        var run = await StartAsync(Callback);
        await WaitingAsync(run, "before:1:1");
        await SendAsync(run, "paid", 1);

        await SweepAsync(KeptEvents.Longest + TimeSpan.FromMinutes(1));

        Assert.Empty(await Under.Core.Kept.ListAsync(run, CancellationToken.None));
        Assert.Equal(1, await CountAsync(run, EventTypes.WaitEventDropped));
    }

    [Fact]
    public async Task Event_ThatNoStepCanTake_IsRefused()
    {
        var run = await StartAsync(Callback);
        await WaitingAsync(run, "before:1:1");
        var unknown = await Refused(() => SendAsync(run, "payed", 1));
        Assert.Equal(("wait.not-found", null), (unknown.Code, unknown.RetryAfter));
        var invalid = await Refused(() => Events.SendAsync(Bob, run, "paid", JsonElement.Parse("{}")));
        Assert.Equal(("wait.data-invalid", "/data/n"), (invalid.Code, Assert.Single(invalid.Errors).Pointer));
        for (var n = 1; n <= KeptEvents.Most; n++)
        {
            await SendAsync(run, "paid", n);
        }

        var full = await Refused(() => SendAsync(run, "paid", 0));
        Assert.Equal(("wait.too-many-events", 60), (full.Code, full.RetryAfter));
        await SendAsync(run, "go", 0);
        await EndedAsync(run);
        await Assert.ThrowsAsync<RunEndedException>(() => SendAsync(run, "paid", 1));
    }

    [Fact]
    public async Task Event_RepeatedRequest_IsOneEvent()
    {
        var run = await StartAsync(Callback);
        await WaitingAsync(run, "before:1:1");
        var sender = Bob with { Request = RequestKey.Of("bob", "resume " + run.Id, "p-1", new string('0', 64)) };
        for (var times = 0; times < 3; times++)
        {
            await Events.SendAsync(sender, run, "paid", JsonElement.Parse("""{"n":1}"""));
        }

        await SendAsync(run, "go", 0);
        var second = await WaitingAsync(run, "second:1:1");
        await Events.SendAsync(sender, run, "paid", JsonElement.Parse("""{"n":1}"""));
        Assert.True((await Waits.FindAsync(run, second.Key))!.IsOpen);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() =>
            Events.SendAsync(sender with { Request = sender.Request! with { Body = new string('1', 64) } }, run, "paid", JsonElement.Parse("""{"n":2}""")));
        await SendAsync(run, "paid", 2);
        Assert.Equal("[1,2]", (await OutputAsync(run)).GetRawText());
    }

    [Fact]
    public async Task Event_AtTheMomentItsWaitOpens_IsTakenOnce()
    {
        var definition = await DefineAsync(Callback);
        for (var round = 0; round < 5; round++)
        {
            var run = await StartAsync(definition);
            await WaitingAsync(run, "before:1:1");
            await Task.WhenAll(SendAsync(run, "go", 0), SendAsync(run, "paid", 1), SendAsync(run, "paid", 1));
            Assert.Equal("[1,1]", (await OutputAsync(run)).GetRawText());
            Assert.Empty(await Under.Core.Kept.ListAsync(run, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Reminder_HostWasAway_ComesOnceAndThenAtTheNextMultiple()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: remind
            version: 1.0.0
            start: ok
            steps: [ { id: ok, type: approval, approvers: { role: approver }, show: { n: 1 }, expires: 30d, remind: 1m } ]
            """);
        var opened = (await WaitingAsync(run, "ok:1:1")).Opened;
        var away = TimeSpan.FromDays(3) + TimeSpan.FromSeconds(20);
        for (var times = 0; times < 4; times++)
        {
            await SweepAsync(away);
        }

        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalReminded));
        var next = (await Waits.FindAsync(run, "ok:1:1"))!.Remind!.Value;
        Assert.Equal(0, (next - opened).Ticks % TimeSpan.FromMinutes(1).Ticks);
        Assert.InRange(next - opened, away, away + TimeSpan.FromMinutes(2));

        await SweepAsync(away + TimeSpan.FromMinutes(2));
        Assert.Equal(2, await CountAsync(run, EventTypes.ApprovalReminded));

        // Past the deadline there is nobody to remind.
        await SweepAsync(TimeSpan.FromDays(31));
        Assert.Equal(2, await CountAsync(run, EventTypes.ApprovalReminded));
    }

    private Task SendAsync(RunIdentity run, string name, int n) => Events.SendAsync(Bob, run, name, JsonElement.Parse($$"""{"n":{{n}}}"""));
}
