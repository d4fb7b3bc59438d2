namespace Countersign.Engine.Runs;

/// <summary>
/// Lets so many executions run at a time, and lets tenants take turns: a tenant that floods the engine waits behind its own
/// executions, not in front of another's.
/// </summary>
internal sealed class ExecutionGate(int limit)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<TaskCompletionSource>> waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> turns = new();
    private int free = limit;

    /// <summary>Waits for a place; give it back with <see cref="Leave"/>.</summary>
    public ValueTask EnterAsync(string tenant)
    {
        lock (gate)
        {
            if (free > 0)
            {
                free--;
                return ValueTask.CompletedTask;
            }

            if (!waiting.TryGetValue(tenant, out var queue))
            {
                waiting[tenant] = queue = new Queue<TaskCompletionSource>();
                turns.Enqueue(tenant);
            }

            var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(place);
            return new ValueTask(place.Task);
        }
    }

    /// <summary>Gives a place back; the next tenant in turn gets it.</summary>
    public void Leave()
    {
        TaskCompletionSource place;
        lock (gate)
        {
            if (!turns.TryDequeue(out var tenant))
            {
                free++;
                return;
            }

            var queue = waiting[tenant];
            place = queue.Dequeue();
            if (queue.Count == 0)
            {
                waiting.Remove(tenant);
            }
            else
            {
                turns.Enqueue(tenant);
            }
        }

        place.SetResult();
    }
}
