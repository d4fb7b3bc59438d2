using System.Threading.Channels;
using Countersign.Engine.Runs;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

public sealed class DueLoopTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Sweep_RowBecomesDueWhileItWorks_IsSweptAtOnce()
    {
        var time = new SetTime { Now = Noon };
        var sweeps = Channel.CreateUnbounded<int>();
        var count = 0;
        using var stopping = new CancellationTokenSource();
        var loop = new DueLoop(new DueLoopParts
        {
            Sweep = _ =>
            {
                // The first sweep has read the rows, and 20 ms pass before it is done; the row is due after 10.
                time.Now = ++count == 1 ? Noon.AddMilliseconds(20) : time.Now;
                sweeps.Writer.TryWrite(count);
                return Task.FromResult(0);
            },
            First = _ => new(count == 1 ? [Due(Noon.AddMilliseconds(10))] : []),
            Report = error => sweeps.Writer.TryComplete(error),
            Interval = TimeSpan.FromMinutes(10),
            Time = time,
            Stopping = stopping.Token,
        });

        loop.Start();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Equal(1, await sweeps.Reader.ReadAsync(patience.Token));
        Assert.Equal(2, await sweeps.Reader.ReadAsync(patience.Token));
        await stopping.CancelAsync();
        await loop.StopAsync();
    }

    [Fact]
    public async Task Sweep_FoundAsManyAsItActsOn_IsFollowedSoon()
    {
        var sweeps = Channel.CreateUnbounded<int>();
        var left = 3 * Sweep.BatchSize;
        using var stopping = new CancellationTokenSource();
        var loop = new DueLoop(new DueLoopParts
        {
            Sweep = _ =>
            {
                var found = Math.Min(left, Sweep.BatchSize);
                left -= found;
                sweeps.Writer.TryWrite(found);
                return Task.FromResult(found);
            },
            First = _ => new([]),
            Report = error => sweeps.Writer.TryComplete(error),
            Interval = TimeSpan.FromMinutes(10),
            Time = TimeProvider.System,
            Stopping = stopping.Token,
        });

        loop.Start();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        foreach (var expected in (int[])[Sweep.BatchSize, Sweep.BatchSize, Sweep.BatchSize, 0])
        {
            Assert.Equal(expected, await sweeps.Reader.ReadAsync(patience.Token));
        }

        await stopping.CancelAsync();
        await loop.StopAsync();
    }

    private static DueRow Due(DateTimeOffset time) => new("acme", new Row(RowKeys.Due(time, "r1", "start"), "{}"u8.ToArray(), "1"));

    private sealed class SetTime : TimeProvider
    {
        private long ticks;

        public DateTimeOffset Now
        {
            get => new(Interlocked.Read(ref ticks), TimeSpan.Zero);
            set => Interlocked.Exchange(ref ticks, value.UtcTicks);
        }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
