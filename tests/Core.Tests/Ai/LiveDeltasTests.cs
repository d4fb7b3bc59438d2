using Countersign.Ai;
using Countersign.Orchestration;

namespace Countersign.Core.Tests.Ai;

public sealed class LiveDeltasTests
{
    private static readonly RunIdentity Run = new("acme", "r-1");
    private static readonly StepRef Step = new("ask", 1, 1);

    [Fact]
    public void Publish_SeveralListeners_EachHearsAllInOrder()
    {
        var deltas = new LiveDeltas();
        using var one = deltas.Listen(Run);
        using var two = deltas.Listen(Run);
        Say(deltas, Run, Step, 1, "a", "b", "c");

        Assert.Equal([new ModelDelta(Step, 1, 0, "abc")], one.TakeAll());
        Assert.Equal([new ModelDelta(Step, 1, 0, "abc")], two.TakeAll());
        Assert.Empty(one.TakeAll());
    }

    [Fact]
    public void Publish_OtherRunOrTenant_NotHeard()
    {
        var deltas = new LiveDeltas();
        using var listener = deltas.Listen(Run);
        Say(deltas, Run with { Tenant = "globex" }, Step, 1, "a");
        Say(deltas, Run with { Id = "r-2" }, Step, 1, "a");

        Assert.Empty(listener.TakeAll());
    }

    [Fact]
    public void TakeAll_OtherStepAttemptOrAsk_NotJoined()
    {
        var deltas = new LiveDeltas();
        using var listener = deltas.Listen(Run);
        Say(deltas, Run, Step, 1, "a");
        Say(deltas, Run, Step, 2, "b");
        Say(deltas, Run, Step with { Attempt = 2 }, 1, "c");
        Say(deltas, Run, new StepRef("other", 1, 1), 1, "d");

        Assert.Equal(["a", "b", "c", "d"], listener.TakeAll().Select(delta => delta.Text));
    }

    [Fact]
    public void Publish_ReaderThatDoesNotRead_LosesTheOldestAndSeesIt()
    {
        var deltas = new LiveDeltas();
        using var listener = deltas.Listen(Run);
        Say(deltas, Run, Step, 1, [.. Enumerable.Repeat("x", DeltaListener.Capacity + 5)]);

        var heard = Assert.Single(listener.TakeAll());

        Assert.Equal((5L, DeltaListener.Capacity), (heard.Offset, heard.Text.Length));
    }

    [Fact]
    public async Task WaitAsync_UntilSomethingIsSaid_Waits()
    {
        var deltas = new LiveDeltas();
        using var listener = deltas.Listen(Run);
        var waiting = listener.WaitAsync(default);
        Assert.False(waiting.IsCompleted);
        Say(deltas, Run, Step, 1, "a");
        await waiting;

        using var gone = new CancellationTokenSource();
        listener.TakeAll();
        var again = listener.WaitAsync(gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => again);
    }

    [Fact]
    public void Dispose_Listener_HearsNothingMore()
    {
        var deltas = new LiveDeltas();
        var listener = deltas.Listen(Run);
        listener.Dispose();
        Say(deltas, Run, Step, 1, "a");

        Assert.Empty(listener.TakeAll());
    }

    private static void Say(LiveDeltas deltas, RunIdentity run, StepRef step, int ask, params string[] parts)
    {
        foreach (var (index, part) in parts.Index())
        {
            deltas.Publish(run, new ModelDelta(step, ask, index * part.Length, part));
        }
    }
}
