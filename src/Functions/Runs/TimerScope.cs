namespace Countersign.Functions.Runs;

/// <summary>
/// Timers that nobody needs any more once the scope is left, however it is left: Durable does not end an instance while one of
/// its timers runs.
/// </summary>
internal sealed class TimerScope(CancellationToken outer) : IDisposable
{
    private readonly CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(outer);

    public CancellationToken Token => source.Token;

    public bool IsCancellationRequested => source.IsCancellationRequested;

    /// <summary>At once and on this thread: CancelAsync would go on elsewhere, and the orchestrator with it.</summary>
    public void Cancel() => source.Cancel();

    public void Dispose()
    {
        source.Cancel();
        source.Dispose();
    }
}
