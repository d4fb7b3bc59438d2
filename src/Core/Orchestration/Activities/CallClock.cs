namespace Countersign.Orchestration;

/// <summary>
/// How long a call with outside effects may take, counted from when it was queued, and what cuts it off earlier: the cancel of its run, the stop of
/// the host.
/// </summary>
internal sealed class CallClock : IDisposable
{
    private readonly TimeProvider time;
    private readonly long begun;
    private readonly CancellationToken abort;
    private readonly TimeLimit timer;
    private readonly CancellationTokenSource any;

    /// <summary>Starts to count.</summary>
    /// <param name="limit">How long the call may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="abort">Fires where the run was canceled and the call had its grace.</param>
    /// <param name="stop">Fires when the host stops.</param>
    public CallClock(TimeSpan limit, TimeProvider time, CancellationToken abort, CancellationToken stop)
    {
        (Limit, this.abort, this.time, begun) = (limit, abort, time, time.GetTimestamp());
        timer = new TimeLimit(limit, time);
        any = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, abort, stop);
    }

    /// <summary>How long the call may take.</summary>
    public TimeSpan Limit { get; private set; }

    /// <summary>Fires when the call is to end, whatever the reason.</summary>
    public CancellationToken Token => any.Token;

    /// <summary>Whether the run was canceled and the call had its grace.</summary>
    public bool IsAborted => abort.IsCancellationRequested;

    /// <summary>Whether the time is up.</summary>
    public bool IsTimedOut => timer.Token.IsCancellationRequested;

    /// <summary>Makes the time end after <paramref name="left"/> from now, if it would end later.</summary>
    public void Shorten(TimeSpan left)
    {
        if (left < Limit - time.GetElapsedTime(begun))
        {
            Limit = left;
            timer.Restart(left);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        any.Dispose();
        timer.Dispose();
    }
}
