using Countersign.Orchestration;

namespace Countersign.Core.Tests.Orchestration;

public sealed class TimeLimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(366)]
    public void Token_AnyNumberOfDays_FiresWhenTheTimeIsUpAndNotBefore(int days)
    {
        var time = new StepTime();
        using var limit = new TimeLimit(TimeSpan.FromDays(days), time);

        time.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Assert.False(limit.Token.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limit.Token.IsCancellationRequested);
    }

    [Fact]
    public void Restart_EarlierThanBefore_FiresAtTheNewTime()
    {
        var time = new StepTime();
        using var limit = new TimeLimit(TimeSpan.FromDays(300), time);
        time.Advance(TimeSpan.FromDays(100));

        limit.Restart(TimeSpan.FromDays(60));

        time.Advance(TimeSpan.FromDays(59));
        Assert.False(limit.Token.IsCancellationRequested);
        time.Advance(TimeSpan.FromDays(1));
        Assert.True(limit.Token.IsCancellationRequested);
    }

    // Refuses what the system's timers refuse.
    private sealed class StepTime : TimeProvider
    {
        private readonly List<StepTimer> timers = [];
        private TimeSpan now;

        public void Advance(TimeSpan by)
        {
            var until = now + by;
            while (timers.Where(timer => timer.At <= until).MinBy(timer => timer.At) is { } due)
            {
                now = due.At!.Value;
                due.Fire();
            }

            now = until;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new StepTimer(this, () => callback(state));
            timer.Change(dueTime, period);
            timers.Add(timer);
            return timer;
        }

        private sealed class StepTimer(StepTime time, Action callback) : ITimer
        {
            public TimeSpan? At { get; private set; }

            public void Fire()
            {
                At = null;
                callback();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, uint.MaxValue - 1);
                At = dueTime == Timeout.InfiniteTimeSpan ? null : time.now + dueTime;
                return true;
            }

            public void Dispose() => At = null;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
