using System.Collections.Concurrent;
using Countersign.Ledger;

namespace Countersign.Access;

/// <summary>
/// Writes refusals to the log so that nobody outside can fill it: of one actor and one type, the first <see cref="Each"/> in a minute are an entry
/// each, and all further ones of that minute are one entry with their count.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="time">The clock.</param>
public sealed class Refusals(ILedger ledger, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How many refusals of an actor are an entry each: 100 in a <see cref="Window"/>.</summary>
    public const int Each = 100;

    /// <summary>How long refusals are counted together: a minute.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Actors are counted apart up to this number; beyond it, those that were quiet for a window are forgotten.
    private const int MostActors = 1_000;

    private readonly ConcurrentDictionary<(string Tenant, string Actor, string Type), Tally> tallies = new();

    /// <summary>Records a refusal.</summary>
    /// <param name="tenant">The tenant whose log it belongs to.</param>
    /// <param name="actor">Who was refused.</param>
    /// <param name="type">The entry's type.</param>
    /// <param name="payload">The entry's payload.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RecordAsync(string tenant, string actor, string type, LogPayload payload, CancellationToken cancellationToken = default)
    {
        ForgetTheQuiet();
        var key = (tenant, actor, type);
        if (tallies.GetOrAdd(key, _ => new Tally()).Count(time.GetUtcNow(), () => Later(key)))
        {
            await WriteAsync(key, payload, cancellationToken);
        }
    }

    /// <summary>Writes the counts that wait for the end of their minute.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (key, tally) in tallies)
        {
            if (tally.Take() is ({ } since, var count))
            {
                await WriteAsync(key, Counted(since, count), CancellationToken.None);
            }
        }
    }

    private ITimer Later((string Tenant, string Actor, string Type) key) =>
        time.CreateTimer(_ => _ = SumAsync(key), null, Window, Timeout.InfiniteTimeSpan);

    private async Task SumAsync((string Tenant, string Actor, string Type) key)
    {
        if (!tallies.TryGetValue(key, out var tally) || tally.Take() is not ({ } since, var count))
        {
            return;
        }

        try
        {
            await WriteAsync(key, Counted(since, count), CancellationToken.None);
        }
        catch (LedgerUnavailableException)
        {
            tally.PutBack(since, count, () => Later(key));
        }
        catch (ObjectDisposedException)
        {
            // The host has stopped.
        }
    }

    private static LogPayload Counted(DateTimeOffset since, long count) => new LogPayload().Add("count", count).Add("since", since);

    private async Task WriteAsync((string Tenant, string Actor, string Type) key, LogPayload payload, CancellationToken cancellationToken)
    {
        var entry = new EntryDraft
        {
            EventId = EventId.Outside(Guid.NewGuid().ToString("N"), key.Type),
            Type = key.Type,
            Actor = key.Actor,
            Payload = payload.ToBytes(),
        };
        await ledger.CommitAsync(key.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
    }

    private void ForgetTheQuiet()
    {
        if (tallies.Count < MostActors)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (var pair in tallies.Where(pair => pair.Value.IsQuiet(now)))
        {
            tallies.TryRemove(pair);
        }
    }

    // The refusals of one actor and type in the current window.
    private sealed class Tally
    {
        private readonly Lock gate = new();
        private DateTimeOffset begun = DateTimeOffset.MinValue;
        private int written;
        private long counted;
        private DateTimeOffset? countedSince;
        private ITimer? timer;

        /// <summary>Whether this one is an entry of its own; otherwise it is counted.</summary>
        public bool Count(DateTimeOffset now, Func<ITimer> later)
        {
            lock (gate)
            {
                if (now - begun >= Window && countedSince is null)
                {
                    (begun, written) = (now, 0);
                }

                if (written < Each)
                {
                    written++;
                    return true;
                }

                counted++;
                countedSince ??= now;
                timer ??= later();
                return false;
            }
        }

        /// <summary>What was counted; the next refusal begins a new window.</summary>
        public (DateTimeOffset? Since, long Count) Take()
        {
            lock (gate)
            {
                var taken = (countedSince, counted);
                timer?.Dispose();
                (countedSince, counted, timer, begun) = (null, 0, null, DateTimeOffset.MinValue);
                return taken;
            }
        }

        public void PutBack(DateTimeOffset since, long count, Func<ITimer> later)
        {
            lock (gate)
            {
                countedSince = since;
                counted += count;
                written = Each;
                timer ??= later();
            }
        }

        public bool IsQuiet(DateTimeOffset now)
        {
            lock (gate)
            {
                return countedSince is null && now - begun >= Window;
            }
        }
    }
}
