using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>Sweeps when something is due, and now and then in any case.</summary>
internal sealed class DueLoop(EmbeddedEngine engine, Sweep sweep)
{
    private readonly Lock gate = new();
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private Task loop = Task.CompletedTask;

    public void Start() => loop = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        lock (gate)
        {
            wake.TrySetResult();
        }

        await loop;
    }

    /// <summary>Something will be due at a time.</summary>
    public void Expect(DateTimeOffset time)
    {
        lock (gate)
        {
            if (time < next)
            {
                next = time;
                wake.TrySetResult();
            }
        }
    }

    private async Task RunAsync()
    {
        while (!engine.Stopping.IsCancellationRequested)
        {
            try
            {
                await SweepAsync();
                await SleepAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                engine.Report(new RunIdentity("-", "sweep"), error);
                await Task.Delay(engine.Options.SweepInterval, engine.Time, CancellationToken.None).WaitAsync(engine.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SweepAsync()
    {
        lock (gate)
        {
            wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            next = engine.Time.GetUtcNow() + engine.Options.SweepInterval;
        }

        await sweep.RunAsync(engine.Stopping);
        var first = await engine.Ledger.ScanDueAsync(DateTimeOffset.MaxValue.AddDays(-1), Sweep.BatchSize + 1, engine.Stopping);

        // What is due and still there is being worked on; it is looked at again at the interval.
        var now = engine.Time.GetUtcNow();
        foreach (var row in first)
        {
            if (RowKeys.DueTime(row.Row.Key) is var time && time > now)
            {
                Expect(time);
                return;
            }
        }
    }

    private async Task SleepAsync()
    {
        while (true)
        {
            Task woken;
            TimeSpan left;
            lock (gate)
            {
                left = next - engine.Time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                {
                    return;
                }

                if (wake.Task.IsCompleted)
                {
                    wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                woken = wake.Task;
            }

            // Timers do not follow a clock that is set, so none is trusted for longer than the interval.
            using var timer = new CancellationTokenSource();
            var rest = Task.Delay(left < engine.Options.SweepInterval ? left : engine.Options.SweepInterval, engine.Time, timer.Token);
            var first = await Task.WhenAny(woken, rest);
            await timer.CancelAsync();
            engine.Stopping.ThrowIfCancellationRequested();
            if (first == rest)
            {
                return;
            }
        }
    }
}
