using System.Runtime.CompilerServices;

namespace Countersign.Ledger;

/// <summary>Which entries are wanted.</summary>
public sealed record LogFilter
{
    /// <summary>Only entries of this type; a prefix ends with <c>.*</c>, such as <c>approval.*</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Only entries of this actor.</summary>
    public string? Actor { get; init; }

    /// <summary>Only entries of this run.</summary>
    public string? Run { get; init; }

    /// <summary>Only entries of this step: its id or, for what undoes it, <c>id.compensate</c>, wherever it stands; or a whole path such as <c>each:1.17.fetch</c>.</summary>
    public string? Step { get; init; }

    /// <summary>Only entries at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only entries before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether an entry is wanted.</summary>
    public bool Matches(LogEntry entry) =>
        (Type is null || (Type.EndsWith(".*", StringComparison.Ordinal) ? entry.Type.StartsWith(Type[..^1], StringComparison.Ordinal) : entry.Type == Type))
        && (Actor is null || entry.Actor == Actor)
        && (Step is null || entry.Step == Step || (entry.Step is { } path && path.EndsWith("." + Step, StringComparison.Ordinal)))
        && (Since is null || entry.Time >= Micros(Since.Value))
        && (Until is null || entry.Time < Micros(Until.Value));

    private static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;
}

/// <summary>A page of the log.</summary>
/// <param name="Entries">The entries found.</param>
/// <param name="Next">The sequence up to which was looked; null at the end of the log.</param>
public sealed record LogPage(IReadOnlyList<(StoredEntry Stored, LogEntry Entry)> Entries, long? Next);

/// <summary>Reads and verifies a tenant's log.</summary>
public sealed class LogReader(ILedger ledger)
{
    private const int PageSize = 500;

    /// <summary>How many entries one call looks at before it answers with what it has found.</summary>
    public const int MostLookedAt = 20_000;

    /// <summary>The entries after a sequence that are wanted.</summary>
    public async Task<LogPage> FindAsync(string tenant, LogFilter filter, long after, int limit, CancellationToken cancellationToken = default)
    {
        var found = new List<(StoredEntry, LogEntry)>();
        var lookedAt = 0;
        while (after < long.MaxValue && lookedAt < MostLookedAt)
        {
            var page = await PageAsync(tenant, filter.Run, after, cancellationToken);
            foreach (var stored in page)
            {
                var entry = EntryCodec.Decode(stored.Bytes.Span);
                after = entry.Sequence;
                lookedAt++;
                if (filter.Matches(entry))
                {
                    found.Add((stored, entry));
                    if (found.Count == limit)
                    {
                        return new LogPage(found, after);
                    }
                }
            }

            if (page.Count < PageSize)
            {
                return new LogPage(found, null);
            }
        }

        return new LogPage(found, after == long.MaxValue ? null : after);
    }

    /// <summary>Recomputes the chain over a range of the log.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="from">The first sequence, from 1.</param>
    /// <param name="to">The last sequence; null for the newest.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<VerifyReport> VerifyAsync(string tenant, long from = 1, long? to = null, CancellationToken cancellationToken = default)
    {
        var head = await ledger.ReadHeadAsync(tenant, cancellationToken);
        var last = Math.Min(to ?? head.Sequence, head.Sequence);
        var verifier = new ChainVerifier(await StartAsync(tenant, from, cancellationToken), last == head.Sequence ? new ChainEnd(head.Sequence, head.Hash) : null);
        await foreach (var stored in RangeAsync(tenant, from, last, cancellationToken))
        {
            verifier.Add(stored);
        }

        return verifier.Finish();
    }

    /// <summary>Where a verification that begins at a sequence starts: the hash of the entry before it.</summary>
    public async Task<ChainStart> StartAsync(string tenant, long from, CancellationToken cancellationToken = default)
    {
        if (from <= 1)
        {
            return ChainStart.Genesis(tenant);
        }

        var before = await ledger.ReadEntriesAsync(tenant, from - 1, 1, cancellationToken);
        return new ChainStart(tenant, from, before.Count == 0 ? Hash256.Zero : before[0].Hash());
    }

    /// <summary>The entries of a range, in order.</summary>
    public async IAsyncEnumerable<StoredEntry> RangeAsync(string tenant, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (from <= to)
        {
            var page = await ledger.ReadEntriesAsync(tenant, from, (int)Math.Min(PageSize, to - from + 1), cancellationToken);
            foreach (var stored in page)
            {
                yield return stored;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            from += page.Count;
        }
    }

    private ValueTask<IReadOnlyList<StoredEntry>> PageAsync(string tenant, string? run, long after, CancellationToken cancellationToken) => run is null
        ? ledger.ReadEntriesAsync(tenant, after + 1, PageSize, cancellationToken)
        : ledger.ReadRunEntriesAsync(tenant, run, after, PageSize, cancellationToken);
}
