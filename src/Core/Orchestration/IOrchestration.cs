namespace Countersign.Orchestration;

/// <summary>
/// What the interpreter may do, and nothing else. An engine implements it; the interpreter cannot tell which one.
/// </summary>
/// <remarks>
/// <para><b>Determinism.</b> The interpreter is run again from its start whenever a run is loaded (replay); answers that
/// are on record come back at once and in the recorded order. It awaits only tasks that come from here (and
/// <c>Task.WhenAll</c> or <c>Task.WhenAny</c> over them), never changes threads, never reads a clock, chance, or anything
/// outside its arguments.</para>
/// <para><b>Keys.</b> A call is named by its <see cref="StepRef"/> and its kind. No key is used twice in a run. A replay that asks for
/// something other than what is on record throws <see cref="ReplayMismatchException"/>; the engine parks the run.</para>
/// <para><b>At least once.</b> Executors may run more than once for one call, after a crash; their answer is recorded once, and
/// each execution is in the log under its own number. Calls never throw for a step's own failure: that is an answer.</para>
/// <para><b>Storage trouble</b> is retried inside the engine until it passes; it never shows here and never uses up an attempt.</para>
/// </remarks>
public interface IOrchestration
{
    /// <summary>Which run this is.</summary>
    RunIdentity Run { get; }

    /// <summary>The replay-safe clock: the time of the newest answer that the run has seen; UTC. It stands still between answers.</summary>
    DateTimeOffset UtcNow { get; }

    /// <summary>Runs a step's executor once and returns its recorded answer: <see cref="CallResult.Succeeded"/> or <see cref="CallResult.Failed"/>.</summary>
    Task<CallAnswer> ExecuteAsync(ExecutionRequest request);

    /// <summary>
    /// Opens a wait and returns when its row is no longer open: <see cref="CallResult.Succeeded"/>,
    /// <see cref="CallResult.Rejected"/>, <see cref="CallResult.Expired"/>, <see cref="CallResult.Canceled"/>, or
    /// <see cref="CallResult.Failed"/> where it could not be opened. Pokes may be lost, doubled or early: the row decides.
    /// </summary>
    Task<CallAnswer> WaitAsync(WaitRequest request);

    /// <summary>Starts a child run and returns when it has ended, with its output or its error.</summary>
    Task<CallAnswer> CallChildAsync(ChildRequest request);

    /// <summary>
    /// Waits until a time, and no longer than until something is asked of the run that the interpreter has not been told of; answers with the run's
    /// flags. What it has been told of ends no sleep: a canceled run waits between the attempts of what it undoes.
    /// Precise to a second on Azure, where it may also end that much early, and to a few milliseconds on one machine.
    /// </summary>
    Task<CallAnswer> SleepAsync(StepRef step, DateTimeOffset until);

    /// <summary>Ends a sleep that nobody waits for any more. Whether and when it is answered matters to nobody, so nothing is recorded.</summary>
    void EndSleep(StepRef step);

    /// <summary>Waits while the run is paused; answers with the run's flags once it is not, or is canceled.</summary>
    Task<CallAnswer> HoldAsync(StepRef step);

    /// <summary>
    /// Closes open waits and cancels child runs of branches that are no longer needed, because another one failed. The calls that wait
    /// for them are answered <see cref="CallResult.Canceled"/>. Or lets go of a lock that a wait had got.
    /// </summary>
    Task<CallAnswer> WithdrawAsync(WithdrawRequest request);

    /// <summary>
    /// Commits the end of the run. <see cref="CallResult.Lost"/> where a cancel was committed first: the caller compensates and
    /// ends again as canceled.
    /// </summary>
    Task<CallAnswer> EndAsync(EndRequest request);

    /// <summary>Sets what operators see of the run in the engine's own tools; at most 16 KB. Not durable, never decides anything.</summary>
    void SetStatus(string status);

    /// <summary>
    /// Whether the history has become so long that the interpreter should hand over its state at the next quiescent point
    /// (no call open, no entry pending) by ending with <see cref="InterpreterResult.ContinueWith"/>.
    /// </summary>
    bool ShouldContinueAsNew { get; }
}
