using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>
/// Steps that an executor does. Retries are a loop here, so that each attempt has its number, its entry and its price.
/// </summary>
internal sealed class ExecutorControl : StepControl
{
    public override async Task<StepResult> RunAsync(Frame frame, Step step, StepRef at)
    {
        var scope = frame.Scope(step);
        var answer = frame.Turn.Seen(await FirstAsync(frame, step, at, scope, compensating: false));
        if (answer.Error is { Retryable: true })
        {
            answer = await RetryAsync(frame, step, at, scope, answer, compensating: false);
        }

        return answer.Error is { } error ? StepResult.Fail(error) : StepResult.Go(step.Next, answer.Value);
    }

    /// <summary>Compensates what a step did, again and again as the compensation's policy allows.</summary>
    public static async Task<CallAnswer> CompensateAsync(Frame frame, Step step, StepRef at, ScopeValues scope) =>
        await RetryAsync(frame, step, at, scope, frame.Turn.Seen(await FirstAsync(frame, step, at, scope, compensating: true)), compensating: true);

    private static Task<CallAnswer> FirstAsync(Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating) =>
        frame.Turn.Orchestration.ExecuteAsync(frame.Request(at, OwnerOf(step, compensating), step.Kind, scope, compensating));

    private static async Task<CallAnswer> RetryAsync(Frame frame, Step step, StepRef at, ScopeValues scope, CallAnswer first, bool compensating)
    {
        var turn = frame.Turn;
        var policy = step.Retry ?? turn.Definition.Defaults.Retry ?? RetryPolicy.None;
        var answer = first;
        for (var attempt = 1; answer.Error is { Retryable: true } error && attempt < policy.Attempts; attempt++)
        {
            var here = at with { Attempt = attempt };
            // What is not tried again is not announced, and nobody sleeps for it.
            if (!compensating && turn.Flags.HasFlag(RunFlags.Cancel))
            {
                throw new InterpretationStopped();
            }

            Demand(frame, compensating);
            var delay = Delay(policy, attempt, error, Chance(turn.Orchestration.Run, here));
            frame.Record(here, EventTypes.StepRetried, "retried", new LogPayload()
                .Add("attempt", attempt + 1).Add("error", error.Type).Add("step", step.Id).Add("wait_ms", (long)delay.TotalMilliseconds));
            if (delay > TimeSpan.Zero)
            {
                await PauseAsync(frame, here, delay, compensating);
            }

            await turn.GateAsync(frame);
            Demand(frame, compensating);
            var request = frame.Request(at with { Attempt = attempt + 1 }, OwnerOf(step, compensating), step.Kind, scope, compensating);
            answer = turn.Seen(await turn.Orchestration.ExecuteAsync(request));
        }

        return answer;
    }

    private static string OwnerOf(Step step, bool compensating) => compensating ? step.Id[..^".compensate".Length] : step.Id;

    private static async Task PauseAsync(Frame frame, StepRef here, TimeSpan delay, bool compensating)
    {
        var orchestration = frame.Turn.Orchestration;
        var sleep = orchestration.SleepAsync(here, orchestration.UtcNow + delay);
        if (frame.Stop is { } stop && !compensating)
        {
            await Task.WhenAny(sleep, stop.Requested);
            if (stop.IsRequested && !sleep.IsCompleted)
            {
                orchestration.EndSleep(here);
            }

            Demand(frame, compensating);
        }

        frame.Turn.Seen(await sleep);
    }

    // Where a sibling failed, or the time of a step around this one is up, nothing is tried again; what undoes is.
    private static void Demand(Frame frame, bool compensating)
    {
        if (!compensating && frame.Stop is { IsRequested: true })
        {
            throw new InterpretationStopped();
        }
    }

    // Spreads the attempts of many runs, and is the same on every replay.
    private static double Chance(RunIdentity run, StepRef at) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{run.Id}|{at.Key}"))) / (double)uint.MaxValue;

    // What the remote side asked for holds, but never beyond an hour: nobody else may decide how long our run sleeps.
    private static TimeSpan Delay(RetryPolicy policy, int attempt, StepError error, double chance)
    {
        var own = policy.DelayAfter(attempt, chance);
        return error.RetryAfter is { } asked && asked > own ? (asked < Longest ? asked : Longest) : own;
    }

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
}
