using Microsoft.DurableTask;

namespace Countersign.Functions.Runs;

/// <summary>
/// Counts the events of one name. An event carries nothing; that it came is all there is to know. There is never more than one
/// waiter for the name, because Durable hands an event to the newest of several and forgets the others.
/// </summary>
internal sealed class Bell(TaskOrchestrationContext context, string name)
{
    private Task<string?>? next;
    private int rings;

    /// <summary>How many events have come so far.</summary>
    public int Rings
    {
        get
        {
            while (Next.IsCompleted)
            {
                rings++;
                next = null;
            }

            return rings;
        }
    }

    /// <summary>Completes with the next event.</summary>
    public Task Next => next ??= context.WaitForExternalEvent<string?>(name);
}
