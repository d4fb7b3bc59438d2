using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>The lock of one visit of a step, or of what compensates it: taken before its first attempt, let go of when it has ended in any way.</summary>
internal sealed class HeldLock
{
    private readonly Frame frame;
    private readonly Step step;
    private readonly string owner;
    private readonly StepMutex mutex;
    private readonly StepRef at;
    private readonly ScopeValues scope;
    private readonly bool compensating;
    private int taken;
    private int idle;
    private bool isHeld;

    private HeldLock(Frame frame, Step step, StepMutex mutex, StepRef at, ScopeValues scope, bool compensating)
    {
        (this.frame, this.step, this.mutex, this.at, this.scope, this.compensating) = (frame, step, mutex, at, scope, compensating);
        owner = Definition.OwnerOf(step);
    }

    /// <summary>The key of the wait by which the lock is held.</summary>
    public string Key => Wait.Key;

    /// <summary>Whether a lock that passed on while its step did nothing is taken again: twice in a row, so that what never gets to work ends.</summary>
    public bool MayTakeAgain => idle < 2;

    // What is before the first attempt; taken again, inside the visit.
    private StepRef Wait => taken == 1 ? at with { Attempt = 0 } : new StepRef($"{at.VisitKey}.$mutex", taken, 0);

    /// <summary>Whether a step names a lock, or undoes one that does.</summary>
    public static bool IsNeeded(Frame frame, Step step) => frame.Turn.Definition.MutexOf(step) is not null;

    /// <summary>Does something under the step's lock; or without one, where the step names none.</summary>
    /// <returns>What came of it; or the error of a lock that the step did not get.</returns>
    /// <exception cref="InterpretationStopped">The run is to be canceled, or a sibling failed.</exception>
    public static async Task<CallAnswer> DuringAsync(
        Frame frame, Step step, StepRef at, ScopeValues scope, bool compensating, Func<HeldLock?, Task<CallAnswer>> work)
    {
        if (frame.Turn.Definition.MutexOf(step) is not { } mutex)
        {
            return await work(null);
        }

        var held = new HeldLock(frame, step, mutex, at, scope, compensating);
        if (await held.TakeAsync() is { } refused)
        {
            return refused;
        }

        CallAnswer answer;
        try
        {
            answer = await work(held);
        }
        catch (InterpretationStopped)
        {
            await held.LetGoAsync();
            throw;
        }

        await held.LetGoAsync();
        return answer;
    }

    /// <summary>Notes that an attempt got to work.</summary>
    public void Worked() => idle = 0;

    /// <summary>Takes the lock again that passed on, at the end of the line.</summary>
    /// <returns>The error of a lock that the step did not get; null where it has it.</returns>
    public async Task<CallAnswer?> TakeAgainAsync()
    {
        idle++;
        await LetGoAsync();
        return await TakeAsync();
    }

    private async Task<CallAnswer?> TakeAsync()
    {
        taken++;
        var answer = await Waiting.OpenAsync(frame, new WaitRequest
        {
            Step = Wait,
            StepId = owner,
            Pin = frame.Turn.Start.Pin,
            Scope = mutex.Name.IsConstant ? frame.Turn.Bare : scope,
            Pending = frame.TakePending(),
            Compensating = compensating,
        });
        isHeld = answer.Result is CallResult.Succeeded;
        switch (answer.Result)
        {
            case CallResult.Succeeded when frame.MayGoOn(compensating):
                return null;
            case CallResult.Succeeded:
                await LetGoAsync();
                throw new InterpretationStopped();
            case CallResult.Canceled:
                throw new InterpretationStopped();
            case CallResult.Expired:
                return TimedOut(answer);
            default:
                return answer;
        }
    }

    private CallAnswer TimedOut(CallAnswer answer)
    {
        var error = MutexErrors.Timeout(mutex.Wait) with { Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}" };
        frame.Record(Wait, EventTypes.StepFailed, "outcome", new LogPayload()
            .Add("error", StepEntries.Facts(error)).Add("kind", step.Kind).Add("step", owner).Add("visit", at.Visit));
        return answer with { Result = CallResult.Failed, Error = error };
    }

    private async Task LetGoAsync()
    {
        if (!isHeld)
        {
            return;
        }

        isHeld = false;
        frame.Turn.Seen(await frame.Turn.Orchestration.WithdrawAsync(new WithdrawRequest
        {
            Step = frame.Next("$unlock"),
            StepId = owner,
            Pin = frame.Turn.Start.Pin,
            Pending = frame.TakePending(),
            Lock = Key,
        }));
    }
}
