namespace Countersign.Orchestration;

/// <summary>A time limit of any length. One timer of .NET takes 49 days at most, so a longer limit is waited for in pieces.</summary>
internal sealed class TimeLimit : IDisposable
{
    /// <summary>The longest piece: 24 days, which every timer takes.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromDays(24);

    private readonly CancellationTokenSource source = new();
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private TimeSpan left;
    private bool isDisposed;

    /// <param name="limit">How long.</param>
    /// <param name="time">The clock.</param>
    public TimeLimit(TimeSpan limit, TimeProvider time)
    {
        left = limit;
        timer = time.CreateTimer(static state => ((TimeLimit)state!).Next(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Next();
    }

    /// <summary>Fires when the time is up.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Makes the time end after <paramref name="limit"/> from now.</summary>
    public void Restart(TimeSpan limit)
    {
        lock (gate)
        {
            left = limit;
        }

        Next();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
        }

        timer.Dispose();
        source.Dispose();
    }

    private void Next()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            if (left > TimeSpan.Zero)
            {
                var piece = left < Piece ? left : Piece;
                left -= piece;
                timer.Change(piece, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // What the limit was for has ended in the meantime.
        }
    }
}
