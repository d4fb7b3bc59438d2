using System.Text.Json;
using Countersign.Orchestration;
using Microsoft.DurableTask;

namespace Countersign.Functions.Runs;

/// <summary>The calls that wait: for people, for a time, for a child, for somebody to let the run go on.</summary>
internal sealed partial class DurableOrchestration
{
    /// <inheritdoc/>
    public Task<CallAnswer> WaitAsync(WaitRequest request) => CallAsync(request.Step.Key, async () =>
    {
        var key = request.Step.Key;
        var body = JsonSerializer.SerializeToElement(request, OrchestrationJson.Default.WaitRequest);
        var pokes = new Bell(context, Names.Event(key));
        var heard = Heard(pokes);
        var opened = await ActivityAsync(Names.OpenWait, body);
        using var closed = new TimerScope(parking.Token);
        var deadline = opened.Answer is null ? TimerAsync(opened.Deadline!.Value, closed.Token) : Task.CompletedTask;
        for (var output = opened; ;)
        {
            if (Answer(output, key, askedKnown) is { } answer)
            {
                return answer;
            }

            if (heard == Heard(pokes) && !deadline.IsCompleted)
            {
                await AnyAsync(pokes.Next, asked.Next, deadline);
            }

            heard = Heard(pokes);
            output = await ActivityAsync(Names.CheckWait, body);

            // The deadline has come by this clock and not by the one of the activity's host.
            deadline = deadline.IsCompleted && output.Answer is null ? TimerAsync(Now + SkewPause, closed.Token) : deadline;
        }
    });

    /// <inheritdoc/>
    public Task<CallAnswer> CallChildAsync(ChildRequest request) => CallAsync(request.Step.Key, async () =>
    {
        var key = request.Step.Key;
        var body = JsonSerializer.SerializeToElement(request, OrchestrationJson.Default.ChildRequest);
        var started = await ActivityAsync(Names.StartChild, body);
        if (Answer(started, key, askedKnown) is { } failure)
        {
            return failure;
        }

        var pokes = new Bell(context, Names.Event(key));
        if (started.Child is { } child)
        {
            // An instance that is purged ends without a word; the event of the one that takes its place is then the news.
            var ended = ChildAsync(new RunIdentity(run.Tenant, child));
            await (input.WatchesChildren ? AnyAsync(ended, pokes.Next) : ended);
        }

        while (true)
        {
            var heard = Heard(pokes);
            if (Answer(await ActivityAsync(Names.ReadChild, body), key, askedKnown) is { } answer)
            {
                return answer;
            }

            // Somebody else runs the child, or it was parked: its row says when it has ended.
            using var looked = new TimerScope(parking.Token);
            if (heard == Heard(pokes))
            {
                await AnyAsync(pokes.Next, asked.Next, TimerAsync(Now + ChildPause, looked.Token));
            }
        }
    });

    /// <inheritdoc/>
    public Task<CallAnswer> SleepAsync(StepRef step, DateTimeOffset until) => CallAsync(step.Key, async () =>
    {
        using var woken = new TimerScope(parking.Token);
        sleeps[step.Key] = woken;
        var told = flags;
        var timer = TimerAsync(until, woken.Token);
        while (!timer.IsCompleted)
        {
            if (asked.Rings > askedKnown)
            {
                var answer = await ReadFlagsAsync(step);
                if (answer.Flags != told)
                {
                    return answer;
                }
            }
            else
            {
                await AnyAsync(timer, asked.Next);
            }
        }

        return new CallAnswer { Key = step.Key, Result = CallResult.Succeeded, Flags = flags, At = Now };
    });

    /// <inheritdoc/>
    public void EndSleep(StepRef step)
    {
        if (sleeps.Remove(step.Key, out var woken))
        {
            woken.Cancel();
        }
    }

    /// <inheritdoc/>
    public Task<CallAnswer> HoldAsync(StepRef step) => CallAsync(step.Key, async () =>
    {
        while (true)
        {
            var rings = asked.Rings;
            var answer = await ReadFlagsAsync(step);
            if (!answer.Flags.HasFlag(RunFlags.Pause) || answer.Flags.HasFlag(RunFlags.Cancel))
            {
                return answer;
            }

            if (rings == asked.Rings)
            {
                await asked.Next;
            }
        }
    });

    private DateTimeOffset Now => new(DateTime.SpecifyKind(context.CurrentUtcDateTime, DateTimeKind.Utc), TimeSpan.Zero);

    // Where another branch has the run parked, this one goes nowhere any more.
    private async Task AnyAsync(params Task[] signals)
    {
        await Task.WhenAny(signals);
        if (parking.IsCancellationRequested)
        {
            await new TaskCompletionSource().Task;
        }
    }

    private int Heard(Bell pokes) => pokes.Rings + asked.Rings;

    private async Task<CallAnswer> ReadFlagsAsync(StepRef step)
    {
        var known = asked.Rings;
        return Answer(await ActivityAsync(Names.ReadFlags, JsonSerializer.SerializeToElement(step.Key, MessageJson.Default.String)), step.Key, known)!;
    }

    private async Task ChildAsync(RunIdentity child)
    {
        try
        {
            await context.CallSubOrchestratorAsync(
                Names.RunWorkflow, new RunInput(child.Tenant, child.Id, WatchesChildren: true), new SubOrchestrationOptions(instanceId: Names.Instance(child)));
        }
        catch (TaskFailedException)
        {
            // Ended from outside; what became of the run is in its row.
        }
    }
}
