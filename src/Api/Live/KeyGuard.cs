using Countersign.Access;

namespace Countersign.Api.Live;

/// <summary>
/// Ends a stream when its reader's key is revoked: at once where this process revokes it, within seconds where another one does.
/// </summary>
internal sealed class KeyGuard : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly Task watching;

    /// <summary>Begins to watch.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="authenticate">Whom the reader's key stands for now; null where it is no longer valid.</param>
    /// <param name="end">Canceled where the key is no longer valid.</param>
    /// <param name="time">The clock.</param>
    public KeyGuard(ApiKeys keys, Func<ValueTask<Principal?>> authenticate, CancellationTokenSource end, TimeProvider time) =>
        watching = WatchAsync(keys, authenticate, end, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task WatchAsync(ApiKeys keys, Func<ValueTask<Principal?>> authenticate, CancellationTokenSource end, TimeProvider time)
    {
        try
        {
            while (true)
            {
                // Taken before the look, so that no revocation is missed.
                var revoked = keys.NextRevocation;
                if (await authenticate() is null)
                {
                    break;
                }

                using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                await Task.WhenAny(revoked, Task.Delay(Interval, time, timer.Token));
                await timer.CancelAsync();
                stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception)
        {
            // The keys cannot be read: the reader comes back with its cursor.
        }

        await end.CancelAsync();
    }
}
