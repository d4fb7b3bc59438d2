namespace Countersign.Engine.Runs;

/// <summary>
/// Bounds how many things happen at a time, and shares them between tenants. One tenant alone may use up to its maximum; the more slots are in use, the
/// fewer one tenant may hold, so that slots stay free for a tenant that comes later. A tenant that holds none always gets a slot at once, beyond the limit where necessary. Freed slots go to the waiting tenant that holds the fewest.
/// </summary>
/// <param name="limit">How many slots there are, over all tenants.</param>
/// <param name="perTenant">How many of them one tenant may hold, 1 to <paramref name="limit"/>.</param>
internal sealed class FairSlots(int limit, int perTenant)
{
    // First slots are granted beyond the limit up to this multiple of it.
    private const int MostOverLimit = 2;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Holder> holders = new(StringComparer.Ordinal);
    private readonly LinkedList<Holder> waiting = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool closed;

    /// <summary>How many slots are in use.</summary>
    public int InUse { get; private set; }

    /// <summary>Waits for a slot; disposing of it gives it back.</summary>
    /// <exception cref="OperationCanceledException">The token fired first; no slot is held.</exception>
    public ValueTask<IDisposable> EnterAsync(string tenant, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (gate)
        {
            if (!holders.TryGetValue(tenant, out var holder))
            {
                holders[tenant] = holder = new Holder(tenant);
            }

            if (holder.Waiting.Count == 0 && MayEnter(holder))
            {
                return new ValueTask<IDisposable>(Take(holder));
            }

            waiter = new Waiter(this, holder);
            holder.Waiting.AddLast(waiter.Place);
            if (holder.Waiting.Count == 1)
            {
                waiting.AddLast(holder.Turn);
            }
        }

        return waiter.WaitAsync(cancellationToken);
    }

    /// <summary>Grants no slot from now on; who waits keeps waiting until its token fires.</summary>
    /// <returns>Completes once no slot is in use.</returns>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            if (InUse == 0)
            {
                idle.TrySetResult();
            }
        }

        return idle.Task;
    }

    // The more slots are in use, the fewer a tenant may hold: at most perTenant while it is alone, and what is left is never taken whole.
    private bool MayEnter(Holder holder)
    {
        var free = limit - InUse;
        return !closed && (holder.InUse == 0
            ? InUse < MostOverLimit * limit
            : free > 0 && holder.InUse < perTenant && (long)holder.InUse * (limit - perTenant) < (long)perTenant * free);
    }

    private Slot Take(Holder holder)
    {
        InUse++;
        holder.InUse++;
        return new Slot(this, holder);
    }

    private void Leave(Holder holder)
    {
        lock (gate)
        {
            InUse--;
            holder.InUse--;
            while (NextInTurn() is { } next)
            {
                var waiter = next.Waiting.First!.Value;
                Remove(waiter);
                if (next.Waiting.Count > 0)
                {
                    waiting.Remove(next.Turn);
                    waiting.AddLast(next.Turn);
                }

                waiter.Granted.SetResult(Take(next));
            }

            Forget(holder);
            if (closed && InUse == 0)
            {
                idle.TrySetResult();
            }
        }
    }

    // Of the tenants that may have a slot, the one that holds the fewest; of several, the one whose turn was longest ago.
    private Holder? NextInTurn()
    {
        Holder? next = null;
        foreach (var holder in waiting)
        {
            if ((next is null || holder.InUse < next.InUse) && MayEnter(holder))
            {
                next = holder;
            }
        }

        return next;
    }

    private bool GiveUp(Waiter waiter)
    {
        lock (gate)
        {
            if (waiter.Place.List is null)
            {
                return false;
            }

            Remove(waiter);
            Forget(waiter.Holder);
            return true;
        }
    }

    private void Remove(Waiter waiter)
    {
        waiter.Holder.Waiting.Remove(waiter.Place);
        if (waiter.Holder.Waiting.Count == 0)
        {
            waiting.Remove(waiter.Holder.Turn);
        }
    }

    private void Forget(Holder holder)
    {
        if (holder is { InUse: 0, Waiting.Count: 0 })
        {
            holders.Remove(holder.Tenant);
        }
    }

    // A tenant that holds slots or waits for one.
    private sealed class Holder
    {
        public Holder(string tenant) => (Tenant, Turn) = (tenant, new LinkedListNode<Holder>(this));

        public string Tenant { get; }

        public int InUse { get; set; }

        public LinkedList<Waiter> Waiting { get; } = new();

        public LinkedListNode<Holder> Turn { get; }
    }

    private sealed class Waiter
    {
        private readonly FairSlots slots;

        public Waiter(FairSlots slots, Holder holder) => (this.slots, Holder, Place) = (slots, holder, new LinkedListNode<Waiter>(this));

        public Holder Holder { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource<IDisposable> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<IDisposable> WaitAsync(CancellationToken cancellationToken)
        {
            using var registration = cancellationToken.Register(() =>
            {
                if (slots.GiveUp(this))
                {
                    Granted.SetCanceled(cancellationToken);
                }
            });
            return await Granted.Task;
        }
    }

    private sealed class Slot(FairSlots slots, Holder holder) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                slots.Leave(holder);
            }
        }
    }
}
