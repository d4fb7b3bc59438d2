using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>What a <see cref="DueLoop"/> works with.</summary>
internal sealed record DueLoopParts
{
    /// <summary>Acts on the rows that are due; answers how many there were.</summary>
    public required Func<CancellationToken, Task<int>> Sweep { get; init; }

    /// <summary>Reads the first due rows, also those whose time has not come.</summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<DueRow>>> First { get; init; }

    /// <summary>Told of what goes wrong; the loop continues.</summary>
    public required Action<Exception> Report { get; init; }

    /// <summary>The longest time between two sweeps.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Ends the loop.</summary>
    public required CancellationToken Stopping { get; init; }
}

/// <summary>Sweeps when something is due, and at an interval in any case.</summary>
internal sealed class DueLoop(DueLoopParts parts)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private TimeSpan pause = ShortestPause;
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
        while (!parts.Stopping.IsCancellationRequested)
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
                parts.Report(error);
                await Task.Delay(parts.Interval, parts.Time, CancellationToken.None).WaitAsync(parts.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SweepAsync()
    {
        // Taken before the sweep looks: a row that becomes due while it works is one that it may not have seen.
        var begun = parts.Time.GetUtcNow();
        lock (gate)
        {
            wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            next = begun + parts.Interval;
        }

        var found = await parts.Sweep(parts.Stopping);
        if (found >= Sweep.BatchSize)
        {
            // There may be more behind them. Those that were acted on go once their runs have handled them, so the pauses grow while they stay.
            Expect(parts.Time.GetUtcNow() + pause);
            pause = pause * 2 < parts.Interval ? pause * 2 : parts.Interval;
            return;
        }

        pause = ShortestPause;

        // What was due before and is still there is being handled; it is looked at again at the interval.
        foreach (var row in await parts.First(parts.Stopping))
        {
            if (RowKeys.DueTime(row.Row.Key) is var time && time > begun)
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
                left = next - parts.Time.GetUtcNow();
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
            var rest = Task.Delay(left < parts.Interval ? left : parts.Interval, parts.Time, timer.Token);
            var first = await Task.WhenAny(woken, rest);
            await timer.CancelAsync();
            parts.Stopping.ThrowIfCancellationRequested();
            if (first == rest)
            {
                return;
            }
        }
    }
}
