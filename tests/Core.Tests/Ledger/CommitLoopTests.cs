using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger;

public sealed class CommitLoopTests
{
    [Fact]
    public async Task RunAsync_ConflictAtEveryAttempt_EndsAfterItsBound()
    {
        var tries = 0;

        var error = await Assert.ThrowsAsync<LedgerContentionException>(() => CommitLoop.RunAsync<int>(
            _ =>
            {
                tries++;
                throw new LedgerConflictException("run|r1");
            },
            new HastyTime(),
            CancellationToken.None).AsTask());

        Assert.Equal(("run|r1", CommitLoop.MaxTries), (error.Key, tries));
    }

    [Fact]
    public async Task RunAsync_ConflictsThatPass_AnswersWhatWasCommitted()
    {
        var tries = 0;

        var answer = await CommitLoop.RunAsync(
            _ => ++tries < 10 ? throw new LedgerConflictException("run|r1") : new ValueTask<int>(tries), new HastyTime(), CancellationToken.None);

        Assert.Equal(10, answer);
    }

    [Fact]
    public async Task RunAsync_Canceled_EndsAtOnce()
    {
        using var source = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CommitLoop.RunAsync<int>(
            _ =>
            {
                source.Cancel();
                throw new LedgerConflictException("run|r1");
            },
            TimeProvider.System,
            source.Token).AsTask());
    }

    // No pause takes any time.
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
