using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Runs;

public sealed class RefusalsTests : IAsyncLifetime
{
    private readonly ActivityStage stage = new();
    private readonly SteppedClock time = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task Record_FloodOfOneActor_IsAHundredEntriesAndOneWithTheCount()
    {
        await using (var refusals = new Refusals(stage.Ledger, time))
        {
            for (var number = 0; number < 5_000; number++)
            {
                await refusals.RecordAsync("acme", "vera", EventTypes.AccessDenied, new LogPayload().Add("number", number));
            }

            await refusals.RecordAsync("acme", "walt", EventTypes.AccessDenied, new LogPayload().Add("number", 0));
            Assert.Equal(Refusals.Each + 1, (await EntriesAsync()).Count);
        }

        var entries = await EntriesAsync();
        Assert.Equal(Refusals.Each + 2, entries.Count);
        Assert.Equal(("vera", 4_900), (entries[^1].Entry.Actor, entries[^1].Payload.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Record_WindowEnds_WritesTheCountAndBeginsAnew()
    {
        await using var refusals = new Refusals(stage.Ledger, time);
        for (var number = 0; number < Refusals.Each + 5; number++)
        {
            await refusals.RecordAsync("acme", "vera", EventTypes.AccessDenied, new LogPayload());
        }

        time.Step(Refusals.Window);
        for (var look = 0; look < 500 && (await EntriesAsync()).Count <= Refusals.Each; look++)
        {
            await Task.Delay(10);
        }

        await refusals.RecordAsync("acme", "vera", EventTypes.AccessDenied, new LogPayload().Add("again", true));

        var entries = await EntriesAsync();
        Assert.Equal(Refusals.Each + 2, entries.Count);
        Assert.Equal(5, entries[^2].Payload.GetProperty("count").GetInt32());
        Assert.True(entries[^1].Payload.GetProperty("again").GetBoolean());
    }

    private async Task<List<(LogEntry Entry, System.Text.Json.JsonElement Payload)>> EntriesAsync() =>
        [.. (await stage.Ledger.ReadEntriesAsync("acme", 1, 1_000)).Select(stored =>
            (EntryCodec.Decode(stored.Bytes.Span), System.Text.Json.JsonElement.Parse(stored.Payload.Span)))];

    // A clock that is set by hand, and whose timers fire when it is.
    private sealed class SteppedClock : TimeProvider
    {
        private readonly List<(DateTimeOffset Due, Action Fire)> timers = [];
        private DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add((now + dueTime, () => callback(state)));
            return new Idle();
        }

        public void Step(TimeSpan by)
        {
            now += by;
            foreach (var timer in timers.Where(timer => timer.Due <= now).ToList())
            {
                timers.Remove(timer);
                timer.Fire();
            }
        }

        private sealed class Idle : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
