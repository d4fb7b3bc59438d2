using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>What the interpreter may ask of the embedded engine.</summary>
internal sealed partial class ActiveRun : IOrchestration
{
    /// <inheritdoc/>
    public DateTimeOffset UtcNow { get; private set; }

    /// <inheritdoc/>
    public bool ShouldContinueAsNew => live && answersSinceState >= engine.Options.ContinueAsNewAfter && open.Count == 0;

    /// <inheritdoc/>
    public Task<CallAnswer> ExecuteAsync(ExecutionRequest request) =>
        Open(new ExecuteCall(request, engine.Executors.Find(request.Kind).HasOutsideEffects));

    /// <inheritdoc/>
    public Task<CallAnswer> WaitAsync(WaitRequest request) => Open(new WaitCall(request));

    /// <inheritdoc/>
    public Task<CallAnswer> CallChildAsync(ChildRequest request) => Open(new ChildCall(request));

    /// <inheritdoc/>
    public Task<CallAnswer> SleepAsync(StepRef step, DateTimeOffset until) => Open(new SleepCall(step, until, seen));

    /// <inheritdoc/>
    public void EndSleep(StepRef step)
    {
        if (open.Remove(step.SleepKey, out var call))
        {
            call.Close();
        }
    }

    /// <inheritdoc/>
    public Task<CallAnswer> HoldAsync(StepRef step) => Open(new HoldCall(step));

    /// <inheritdoc/>
    public Task<CallAnswer> WithdrawAsync(WithdrawRequest request) => Open(new WithdrawCall(request));

    /// <inheritdoc/>
    public Task<CallAnswer> EndAsync(EndRequest request) => Open(new EndCall(request));

    /// <inheritdoc/>
    public void SetStatus(string status)
    {
        // One machine has no tools of the engine's own to show it in: the run's row and log say it all.
    }
}
