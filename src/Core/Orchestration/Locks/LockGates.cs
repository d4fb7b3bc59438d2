namespace Countersign.Orchestration;

/// <summary>
/// Lets those of one process who would join the line for one lock do so one after the other: each changes the same row, and all at once they would only
/// refuse each other. Decides nothing, and nobody waits because of another lock.
/// </summary>
public sealed class LockGates
{
    private readonly Dictionary<(string Tenant, string Name), Gate> gates = [];

    /// <summary>Waits for one's turn at a lock; it is over when what comes back is disposed of.</summary>
    public async ValueTask<IDisposable> EnterAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        Gate? gate;
        lock (gates)
        {
            if (!gates.TryGetValue((tenant, name), out gate))
            {
                gates[(tenant, name)] = gate = new Gate(this, (tenant, name));
            }

            gate.Wanted++;
        }

        try
        {
            await gate.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(gate);
            throw;
        }

        return gate;
    }

    // A gate that nobody wants any more goes, so that they cost nothing but while they are at work.
    private void Leave(Gate gate)
    {
        lock (gates)
        {
            if (--gate.Wanted == 0)
            {
                gates.Remove(gate.Key);
            }
        }
    }

    private sealed class Gate(LockGates gates, (string Tenant, string Name) key) : IDisposable
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public (string Tenant, string Name) Key => key;

        public int Wanted { get; set; }

        public void Dispose()
        {
            Turn.Release();
            gates.Leave(this);
        }
    }
}
