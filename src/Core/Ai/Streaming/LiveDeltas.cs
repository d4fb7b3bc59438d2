using System.Collections.Immutable;
using System.Threading.Channels;
using Countersign.Orchestration;

namespace Countersign.Ai;

/// <summary>
/// Hands parts of answers to whoever follows a run in this process. They are no log entries: they have no sequence, are written nowhere, and are gone
/// with the process. A follower that reads too slowly loses the oldest.
/// </summary>
public sealed class LiveDeltas
{
    private readonly Lock changing = new();
    private ImmutableDictionary<RunIdentity, ImmutableArray<DeltaListener>> listeners = ImmutableDictionary<RunIdentity, ImmutableArray<DeltaListener>>.Empty;

    /// <summary>Takes a part, for all who listen to the run. Returns at once.</summary>
    public void Publish(RunIdentity run, ModelDelta delta)
    {
        if (Volatile.Read(ref listeners).TryGetValue(run, out var all))
        {
            foreach (var listener in all)
            {
                listener.Take(delta);
            }
        }
    }

    /// <summary>Listens to a run until disposed of.</summary>
    public DeltaListener Listen(RunIdentity run)
    {
        var listener = new DeltaListener(gone => Change(run, all => all.Remove(gone)));
        Change(run, all => all.Add(listener));
        return listener;
    }

    private void Change(RunIdentity run, Func<ImmutableArray<DeltaListener>, ImmutableArray<DeltaListener>> change)
    {
        lock (changing)
        {
            var all = change(listeners.GetValueOrDefault(run, []));
            Volatile.Write(ref listeners, all.IsEmpty ? listeners.Remove(run) : listeners.SetItem(run, all));
        }
    }
}

/// <summary>What one follower has not read yet.</summary>
public sealed class DeltaListener : IDisposable
{
    /// <summary>How many parts are kept for a follower that does not read: 1,000.</summary>
    public const int Capacity = 1000;

    private readonly Channel<ModelDelta> waiting = Channel.CreateBounded<ModelDelta>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Action<DeltaListener> leave;

    internal DeltaListener(Action<DeltaListener> leave) => this.leave = leave;

    /// <summary>Ends when there is something to read.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => waiting.Reader.WaitToReadAsync(cancellationToken).AsTask();

    /// <summary>Everything that waits, in order; parts that follow each other in one answer are joined.</summary>
    public IReadOnlyList<ModelDelta> TakeAll()
    {
        var all = new List<ModelDelta>();
        while (waiting.Reader.TryRead(out var delta))
        {
            if (all.Count > 0 && all[^1] is var last && last.Step == delta.Step && last.Ask == delta.Ask && last.Offset + last.Text.Length == delta.Offset)
            {
                all[^1] = last with { Text = last.Text + delta.Text };
            }
            else
            {
                all.Add(delta);
            }
        }

        return all;
    }

    /// <inheritdoc/>
    public void Dispose() => leave(this);

    internal void Take(ModelDelta delta) => waiting.Writer.TryWrite(delta);
}
