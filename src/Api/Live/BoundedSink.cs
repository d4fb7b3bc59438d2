namespace Countersign.Api.Live;

/// <summary>Drops a reader that takes no event for a while: what it did not read stays in the log, and it comes back with its cursor.</summary>
/// <param name="sink">Where events go.</param>
/// <param name="time">The clock.</param>
/// <param name="longest">How long one event may take to be taken.</param>
/// <param name="drop">Closes the connection without waiting for the reader.</param>
internal sealed class BoundedSink(IEventSink sink, TimeProvider time, TimeSpan longest, Action drop) : IEventSink
{
    /// <inheritdoc/>
    public Task SendAsync(CloudEvent happened, CancellationToken cancellation) => InTimeAsync(sink.SendAsync(happened, cancellation));

    /// <inheritdoc/>
    public Task SendAsync(DeltaEvent said, CancellationToken cancellation) => InTimeAsync(sink.SendAsync(said, cancellation));

    /// <inheritdoc/>
    public Task BeatAsync(CancellationToken cancellation) => InTimeAsync(sink.BeatAsync(cancellation));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private async Task InTimeAsync(Task sending)
    {
        if (sending.IsCompleted)
        {
            await sending;
            return;
        }

        try
        {
            await sending.WaitAsync(longest, time);
        }
        catch (TimeoutException exception)
        {
            drop();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new OperationCanceledException("The reader takes no events.", exception);
        }
    }
}
