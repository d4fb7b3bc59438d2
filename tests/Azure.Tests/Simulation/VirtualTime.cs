using System.Collections.Concurrent;

namespace Countersign.Azure.Tests.Simulation;

/// <summary>
/// A clock that jumps to the next timer whenever nothing is left to do, and the scheduler that knows when that is. Everything runs on the
/// thread that calls <see cref="Run"/>, in one order: what is measured by this clock is the same on every machine.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<VirtualTimer, (long At, long Number)> timers = new();
    private readonly PumpedScheduler scheduler = new();
    private long now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;
    private long number;

    /// <summary>Where everything that is to be simulated must run.</summary>
    public TaskScheduler Scheduler => scheduler;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(now, TimeSpan.Zero);

    public override long GetTimestamp() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits to the tick; Task.Delay knows whole milliseconds only.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = CreateTimer(_ => passed.SetResult(), null, span, Timeout.InfiniteTimeSpan);
        await passed.Task;
    }

    /// <summary>Waits for a cancellation.</summary>
    public static async Task HangAsync(CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.UnsafeRegister(_ => canceled.SetResult(), null);
        await canceled.Task;
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Runs until the work has ended.</summary>
    public void Run(Func<Task> work)
    {
        // The runner's context would take the continuations to its own threads.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Pump(work);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void Pump(Func<Task> work)
    {
        var all = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
        while (true)
        {
            scheduler.RunAll();
            if (all.IsCompleted)
            {
                all.GetAwaiter().GetResult();
                return;
            }

            Assert.True(timers.TryDequeue(out var timer, out var due), $"Nothing is left to do at {GetUtcNow():O}, and the work has not ended.");
            if (timer.IsDue(due.Number))
            {
                now = Math.Max(now, due.At);
                timer.Fire();
            }
        }
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long current;

        public bool IsDue(long number) => current == number;

        public void Fire()
        {
            current = 0;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            current = 0;
            if (dueTime >= TimeSpan.Zero)
            {
                current = ++time.number;
                time.timers.Enqueue(this, (time.now + dueTime.Ticks, current));
            }

            return true;
        }

        public void Dispose() => current = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class PumpedScheduler : TaskScheduler
    {
        private readonly ConcurrentQueue<Task> queue = new();

        public void RunAll()
        {
            while (queue.TryDequeue(out var task))
            {
                TryExecuteTask(task);
            }
        }

        protected override void QueueTask(Task task) => queue.Enqueue(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => queue;
    }
}
