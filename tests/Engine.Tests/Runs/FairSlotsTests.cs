using Countersign.Engine.Runs;

namespace Countersign.Engine.Tests.Runs;

public sealed class FairSlotsTests
{
    [Theory]
    [InlineData(64, 48, 48)]
    [InlineData(64, 64, 64)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 1, 1)]
    public void Enter_OneTenantAlone_GetsItsShareAndNoMore(int limit, int perTenant, int expected)
    {
        var slots = new FairSlots(limit, perTenant);
        Assert.Equal(expected, Take(slots, "a", limit * 2).Count(slot => slot.IsCompleted));
    }

    [Fact]
    public void Enter_ManyTenantsOneAfterTheOther_EachGetsOneAtOnce()
    {
        var slots = new FairSlots(8, 6);
        Assert.Equal(6, Take(slots, "a", 50).Count(slot => slot.IsCompleted));
        Assert.Equal(2, Take(slots, "b", 50).Count(slot => slot.IsCompleted));
        for (var tenant = 0; tenant < 8; tenant++)
        {
            Assert.Equal(1, Take(slots, $"t{tenant}", 50).Count(slot => slot.IsCompleted));
        }

        Assert.Equal(16, slots.InUse);
        Assert.Equal(0, Take(slots, "too many", 1).Count(slot => slot.IsCompleted));
    }

    [Fact]
    public async Task Leave_TwoTenantsWait_TheyComeToHoldAsMany()
    {
        var slots = new FairSlots(64, 48);
        var flood = Take(slots, "flood", 200);
        var second = Take(slots, "second", 200);
        Assert.Equal(48, flood.Count(slot => slot.IsCompleted));
        Assert.Equal(12, second.Count(slot => slot.IsCompleted));

        for (var round = 0; round < 100; round++)
        {
            (await flood[round]).Dispose();
        }

        Assert.Equal(flood.Count(slot => slot.IsCompleted) - 100, second.Count(slot => slot.IsCompleted), 1d);
    }

    [Fact]
    public async Task Enter_TokenFires_LeavesTheLineAndTakesNoSlot()
    {
        var slots = new FairSlots(1, 1);
        var first = await slots.EnterAsync("a", CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var second = slots.EnterAsync("a", stop.Token).AsTask();
        var third = slots.EnterAsync("a", CancellationToken.None).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        first.Dispose();
        (await third).Dispose();
        Assert.Equal(0, slots.InUse);
    }

    [Fact]
    public async Task Close_CallsInFlight_CompletesWithTheLastAndGrantsNone()
    {
        var slots = new FairSlots(4, 3);
        var first = await slots.EnterAsync("a", CancellationToken.None);
        var idle = slots.CloseAsync();
        var late = slots.EnterAsync("b", CancellationToken.None).AsTask();
        Assert.False(idle.IsCompleted);

        first.Dispose();

        await idle.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(late.IsCompleted);
        await new FairSlots(4, 3).CloseAsync();
    }

    [Fact]
    public async Task EnterAndLeave_FromManyThreads_NeverExceedsTheLimitAndEndsEmpty()
    {
        var slots = new FairSlots(8, 6);
        var most = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 4_000), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, _) =>
        {
            using var stop = new CancellationTokenSource();
            if (number % 7 == 0)
            {
                stop.CancelAfter(1);
            }

            try
            {
                using var slot = await slots.EnterAsync($"t{number % 3}", stop.Token);
                InterlockedMax(ref most, slots.InUse);
                await Task.Yield();
            }
            catch (OperationCanceledException)
            {
                // It gave up.
            }
        });
        Assert.InRange(most, 1, 10);
        Assert.Equal(0, slots.InUse);
    }

    private static List<Task<IDisposable>> Take(FairSlots slots, string tenant, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => slots.EnterAsync(tenant, CancellationToken.None).AsTask())];

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); value > known; known = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, known);
        }
    }
}
