namespace Countersign.Orchestration;

/// <summary>
/// Lets those of one process who would join the line for one lock do so one after the other: each changes the same row, and all at once they would only
/// refuse each other. Decides nothing.
/// </summary>
public sealed class LockGates
{
    private readonly SemaphoreSlim[] gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for one's turn at a lock; it is over when what comes back is disposed of.</summary>
    public async ValueTask<IDisposable> EnterAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var gate = gates[(uint)HashCode.Combine(tenant, name) % (uint)gates.Length];
        await gate.WaitAsync(cancellationToken);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
