using Countersign.Access;

namespace Countersign.Api.Live;

/// <summary>A key may be revoked while its stream is open: nothing is sent for it for longer than a silence lasts.</summary>
/// <param name="sink">Where events go.</param>
/// <param name="authenticate">Whom the reader's key stands for now; null where it is good no more.</param>
/// <param name="time">The clock.</param>
/// <param name="every">How long an answer holds.</param>
internal sealed class GuardedSink(IEventSink sink, Func<ValueTask<Principal?>> authenticate, TimeProvider time, TimeSpan every) : IEventSink
{
    private long trusted = time.GetTimestamp();

    /// <inheritdoc/>
    public async Task SendAsync(CloudEvent happened, CancellationToken cancellation)
    {
        await DemandAsync();
        await sink.SendAsync(happened, cancellation);
    }

    /// <inheritdoc/>
    public async Task SendAsync(DeltaEvent said, CancellationToken cancellation)
    {
        await DemandAsync();
        await sink.SendAsync(said, cancellation);
    }

    /// <inheritdoc/>
    public async Task BeatAsync(CancellationToken cancellation)
    {
        await DemandAsync();
        await sink.BeatAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private async ValueTask DemandAsync()
    {
        if (time.GetElapsedTime(trusted) < every)
        {
            return;
        }

        if (await authenticate() is null)
        {
            throw new OperationCanceledException("The reader's key was revoked.");
        }

        trusted = time.GetTimestamp();
    }
}
