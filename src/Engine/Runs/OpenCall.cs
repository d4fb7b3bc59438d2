using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>What a call is waiting for.</summary>
internal enum CallPhase
{
    /// <summary>Registered during a replay; nothing was done for it yet.</summary>
    New,

    /// <summary>An activity works on it.</summary>
    Busy,

    /// <summary>It waits for a poke; the run may be evicted meanwhile.</summary>
    Parked,

    /// <summary>It waits for a timer in memory.</summary>
    Sleeping,
}

/// <summary>A call of the interpreter that has no answer yet.</summary>
internal abstract class OpenCall(string key)
{
    /// <summary>The key that its answer is recorded under.</summary>
    public string Key { get; } = key;

    public TaskCompletionSource<CallAnswer> Done { get; } = new();

    public CallPhase Phase { get; set; }

    /// <summary>Whether it has outside effects, so that it may take long.</summary>
    public virtual bool IsOutside => false;

    /// <summary>Poked while an activity was at work: look again afterwards.</summary>
    public bool Poked { get; set; }

    /// <summary>Does what is due for the call; the answer arrives through the journal.</summary>
    public abstract ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken);

    /// <summary>Adds to a delivery what this call needs; on the run's own thread.</summary>
    public virtual Delivery Prepare(ActiveRun run, Delivery delivery) => delivery;

    /// <summary>Told that something was asked of the run while an activity is active; on the run's own thread.</summary>
    public virtual void RunChanged(ActiveRun run)
    {
    }

    /// <summary>Lets go of what it holds.</summary>
    public virtual void Close()
    {
    }
}

internal sealed class ExecuteCall(ExecutionRequest request, bool outside) : OpenCall(request.Step.Key)
{
    // Of a call with outside effects: one fires with the cancel of the run, the other once the call had its grace.
    private CancellationTokenSource? canceled;

    public override bool IsOutside => outside;
    private CancellationTokenSource? cutOff;

    public override ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken) =>
        run.Engine.Activities.Execute.RunAsync(delivery, request, cancellationToken)!;

    public override Delivery Prepare(ActiveRun run, Delivery delivery)
    {
        if (!outside)
        {
            return delivery;
        }

        canceled ??= new CancellationTokenSource();
        cutOff ??= new CancellationTokenSource(Timeout.InfiniteTimeSpan, run.Engine.Time);
        RunChanged(run);
        var token = canceled.Token;
        return delivery with { Slot = stop => EnterAsync(run, token, stop), Abort = cutOff.Token };
    }

    public override void RunChanged(ActiveRun run)
    {
        // What undoes something is not stopped by the cancel that caused it.
        if (canceled is { IsCancellationRequested: false } && !request.Compensating && run.Flags.HasFlag(RunFlags.Cancel))
        {
            canceled.Cancel();
            cutOff!.CancelAfter(run.Engine.Options.CancelGrace);
        }
    }

    public override void Close()
    {
        canceled?.Dispose();
        cutOff?.Dispose();
    }

    private static async ValueTask<IDisposable> EnterAsync(ActiveRun run, CancellationToken canceled, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(canceled, stop);
        return await run.Engine.Slots.EnterAsync(run.Run.Tenant, either.Token);
    }
}

internal sealed class WaitCall(WaitRequest request) : OpenCall(request.Step.Key)
{
    private bool opened;

    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken)
    {
        var activities = run.Engine.Activities;
        if (!opened)
        {
            var (_, answer) = await activities.Open.RunAsync(delivery, request, cancellationToken);
            if (answer is not null)
            {
                return answer;
            }

            opened = true;
        }

        return StillOpen.AsNull(await activities.Check.RunAsync(delivery, request, cancellationToken));
    }
}

internal sealed class ChildCall(ChildRequest request) : OpenCall(request.Step.Key)
{
    private bool started;

    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken)
    {
        var activities = run.Engine.Activities;
        if (!started)
        {
            var (child, failure) = await activities.Children.StartAsync(delivery, request, cancellationToken);
            if (failure is not null)
            {
                return failure;
            }

            run.Engine.Activate(child!);
            started = true;
        }

        return StillOpen.AsNull(await activities.Children.CheckAsync(delivery, request, cancellationToken));
    }
}

internal sealed class HoldCall(StepRef step) : OpenCall(step.Key)
{
    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken)
    {
        var flags = run.Flags;
        return flags.HasFlag(RunFlags.Pause) && !flags.HasFlag(RunFlags.Cancel)
            ? null
            : await run.RecordAsync(delivery, Key, cancellationToken);
    }
}

internal sealed class SleepCall(StepRef step, DateTimeOffset until, RunFlags known) : OpenCall(step.SleepKey)
{
    private ITimer? timer;

    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken)
    {
        var left = until - run.Engine.Time.GetUtcNow();
        if (left <= TimeSpan.Zero || run.Flags != known)
        {
            return await run.RecordAsync(delivery, Key, cancellationToken);
        }

        // A timer may fire a little before the clock says so, and does not follow a clock that is set: the rest is slept as well, piece by piece.
        timer?.Dispose();
        left = left < run.Engine.Options.SweepInterval ? left : run.Engine.Options.SweepInterval;
        timer = run.Engine.Time.CreateTimer(_ => run.Post(RunMessage.Poke(Key)), null, left, Timeout.InfiniteTimeSpan);
        return null;
    }

    public override void Close() => timer?.Dispose();
}

internal sealed class WithdrawCall(WithdrawRequest request) : OpenCall(request.Step.Key)
{
    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken) =>
        await run.Engine.Activities.Withdraw.RunAsync(delivery, request, cancellationToken);
}

internal sealed class EndCall(EndRequest request) : OpenCall(request.Step.Key)
{
    public override async ValueTask<CallAnswer?> WorkAsync(ActiveRun run, Delivery delivery, CancellationToken cancellationToken) =>
        await run.Engine.Activities.End.RunAsync(delivery, request, cancellationToken);
}

internal static class StillOpen
{
    public static CallAnswer? AsNull(CallAnswer answer) => answer.Result is CallResult.StillOpen ? null : answer;
}
