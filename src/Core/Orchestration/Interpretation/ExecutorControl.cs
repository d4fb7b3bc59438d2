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
        var answer = await AttemptAsync(frame, step, at, frame.Scope(step), compensating: false);
        return answer.Error is { } error ? StepResult.Fail(error) : StepResult.Go(step.Next, answer.Value);
    }

    /// <summary>Executes a step, or what compensates one, again and again as its policy allows.</summary>
    public static Task<CallAnswer> AttemptAsync(Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating) =>
        HeldLock.IsNeeded(frame, step)
            ? LockedAsync(frame, step, at, scope, compensating)
            : AttemptAsync(frame, step, at, scope, compensating, null);

    // By itself, so that a step without a lock pays for no closure.
    private static Task<CallAnswer> LockedAsync(Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating) =>
        HeldLock.DuringAsync(frame, step, at, scope, compensating, held => AttemptAsync(frame, step, at, scope, compensating, held));

    private static async Task<CallAnswer> AttemptAsync(Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating, HeldLock? held)
    {
        var effects = new Effects();
        try
        {
            return await AttemptAsync(frame, step, at, scope, compensating, held, effects);
        }
        catch (InterpretationStopped) when (frame.Turn.Start.Pin.KeepsEffects && !compensating && effects.Failed is not null)
        {
            // A cancel, a time limit or a sibling ends the step between two attempts: the effect of the earlier ones stays known.
            throw new InterpretationStopped(effects.Failed);
        }
    }

    private static async Task<CallAnswer> AttemptAsync(
        Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating, HeldLock? held, Effects effects)
    {
        var turn = frame.Turn;
        var owner = Definition.OwnerOf(step);
        var policy = step.Retry ?? turn.Definition.Defaults.Retry ?? RetryPolicy.None;
        var idle = 0;
        for (var attempt = 1; ; attempt++)
        {
            var here = attempt == 1 ? at : at with { Attempt = attempt };
            var answer = turn.Seen(await turn.Orchestration.ExecuteAsync(frame.Request(here, owner, step.Kind, scope, compensating, held?.Key)));
            if (held is { MayTakeAgain: true } && answer.Error is { Type: MutexErrors.LostCode })
            {
                // The lock had passed on, so this attempt did nothing and does not count.
                idle++;
                frame.DemandGoingOn(compensating);
                if (await held.TakeAgainAsync() is { } refused)
                {
                    return turn.Start.Pin.KeepsEffects ? effects.Remember(refused) : refused;
                }

                continue;
            }

            held?.Worked();
            answer = effects.Remember(answer);
            if (answer.Error is not { Retryable: true } error || attempt - idle >= policy.Attempts)
            {
                return answer;
            }

            // What is not tried again is not announced, and nobody sleeps for it.
            frame.DemandGoingOn(compensating);
            var delay = Delay(policy, attempt - idle, error, Chance(turn.Orchestration.Run, here));
            frame.Record(here, EventTypes.StepRetried, "retried", new LogPayload()
                .Add("attempt", attempt + 1).Add("error", error.Type).Add("step", step.Id).Add("wait_ms", (long)delay.TotalMilliseconds));
            if (delay >= Noticeable && turn.Start.Pin.KnowsAbsentOutputs)
            {
                // While the run sleeps, people see that it does, and until when.
                await frame.FlushAsync();
            }

            if (delay > TimeSpan.Zero)
            {
                await PauseAsync(frame, here, delay, compensating);
            }

            await turn.GateAsync(frame);
            frame.DemandGoingOn(compensating);
        }
    }

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

            frame.DemandGoingOn(compensating);
        }

        frame.Turn.Seen(await sleep);
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

    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // The strongest effect of the attempts of one visit. An attempt that had its effect is not forgotten because a later one had none.
    private sealed class Effects
    {
        private StepEffect? effect;

        /// <summary>The error of the newest attempt with the effect of all; null when none had an effect.</summary>
        public StepError? Failed { get; private set; }

        public CallAnswer Remember(CallAnswer answer)
        {
            if (answer.Error is not { } error)
            {
                return answer;
            }

            effect = error.Effect > effect || effect is null ? error.Effect : effect;
            answer = effect == error.Effect ? answer : answer with { Error = error with { Effect = effect } };
            Failed = effect is null ? null : answer.Error;
            return answer;
        }
    }
}
