using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Countersign.Ledger;

/// <summary>
/// Follows a tenant's log as it grows. A store in the same process says when there is news; without one, the log is looked at every second.
/// </summary>
public sealed class LogTail(ILedger ledger, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    /// <summary>How long a follower waits for news before it looks by itself. Default 1 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Says that a tenant's log may have grown. Returns at once.</summary>
    public void Notify(string tenant)
    {
        if (waiting.TryRemove(tenant, out var followers))
        {
            followers.TrySetResult();
        }
    }

    /// <summary>
    /// The entries after a sequence, each exactly once and in order, for ever; null now and then where there was no news for a while.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="run">Only this run's entries; null for all.</param>
    /// <param name="after">The sequence that the follower has seen.</param>
    /// <param name="silence">After how long without news a null comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<StoredEntry?> FollowAsync(
        string tenant, string? run, long after, TimeSpan silence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Page = 50;
        var since = time.GetTimestamp();
        var reads = new ReadPace(time);
        while (true)
        {
            // Asked before the read: news that comes between read and wait is not missed.
            var news = waiting.GetOrAdd(tenant, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            var page = run is null
                ? await ledger.ReadEntriesAsync(tenant, after + 1, Page, cancellationToken)
                : await ledger.ReadRunEntriesAsync(tenant, run, after, Page, cancellationToken);
            foreach (var stored in page)
            {
                after = EntryCodec.Read(stored.Bytes.Span).Sequence;
                yield return stored;
            }

            if (page.Count > 0)
            {
                since = time.GetTimestamp();
                continue;
            }

            if (time.GetElapsedTime(since) >= silence)
            {
                since = time.GetTimestamp();
                yield return null;
            }

            await Task.WhenAny(news, Task.Delay(Interval, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            await reads.PauseAsync(cancellationToken);
        }
    }
}

/// <summary>Lets a follower of a busy log read some entries together, instead of reading again for each.</summary>
internal sealed class ReadPace(TimeProvider time)
{
    private const int FreeReads = 20;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private long begun = time.GetTimestamp();
    private int reads;

    /// <summary>Returns at once for the first reads in a second, and after a short pause for further ones.</summary>
    public Task PauseAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(begun) >= Period)
        {
            (begun, reads) = (time.GetTimestamp(), 0);
        }

        return ++reads <= FreeReads ? Task.CompletedTask : Task.Delay(Pause, time, cancellationToken);
    }
}
