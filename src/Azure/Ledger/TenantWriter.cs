using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>
/// Writes the commits of one tenant, one transaction after the other; what waits meanwhile goes into the next one together. See
/// docs/azure-store.md for why a lost acknowledgement never doubles or loses anything.
/// </summary>
internal sealed class TenantWriter(string tenant, TableParts parts, Action<TenantWriter> idle)
{
    private const int MaxHeadChanges = 200;
    private const int LongestJitter = 40;
    private const long MicrosecondTicks = 10;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly string partition = TableKeys.Partition(tenant);
    private readonly LinkedList<PendingCommit> queue = new();
    private readonly Lock gate = new();
    private LedgerHead? head;
    private bool isKnownTenant;
    private Task work = Task.CompletedTask;
    private bool isWorking;

    public string Tenant => tenant;

    /// <summary>The end of what it was given so far.</summary>
    public Task Work
    {
        get
        {
            lock (gate)
            {
                return work;
            }
        }
    }

    /// <summary>Whether it has nothing to do.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return !isWorking;
            }
        }
    }

    /// <summary>Takes a commit in.</summary>
    public void Take(PendingCommit commit)
    {
        lock (gate)
        {
            queue.AddLast(commit);
            if (!isWorking)
            {
                isWorking = true;
                work = Task.Run(WorkAsync);
            }
        }
    }

    private async Task WorkAsync()
    {
        while (NextBatch() is { } batch)
        {
            try
            {
                await WriteAsync(batch);
            }
            catch (Exception error)
            {
                // What failed is unknown to the head that is remembered, too.
                head = null;
                var failure = TableFaults.IsTrouble(error) ? TableFaults.Unavailable(error) : error;
                batch.ForEach(commit => commit.Fail(failure));
            }
        }

        idle(this);
    }

    // As many as fit together without touching a row twice, in the order in which they came.
    private List<PendingCommit>? NextBatch()
    {
        lock (gate)
        {
            var batch = new List<PendingCommit>();
            var touched = new HashSet<string>(StringComparer.Ordinal);
            var (weight, size) = (1, 1000L);
            while (queue.First?.Value is { } next
                && (batch.Count == 0 || (weight + next.Weight <= LedgerTransaction.MaxEntities && size + next.Size <= LedgerTransaction.MaxSize))
                && next.Touches().All(touched.Add))
            {
                (weight, size) = (weight + next.Weight, size + next.Size);
                batch.Add(next);
                queue.RemoveFirst();
            }

            isWorking = batch.Count > 0;
            return isWorking ? batch : null;
        }
    }

    private async Task WriteAsync(List<PendingCommit> batch)
    {
        var nonce = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
        var (failures, headChanges, uncertain) = (0, 0, false);
        while (await ReadyAsync(batch, nonce))
        {
            var transaction = LedgerTransaction.Of(tenant, head!, nonce, batch, Now());
            if (transaction.IsEmpty)
            {
                transaction.SucceedEmpty();
                return;
            }

            try
            {
                var responses = await SubmitAsync(transaction);
                head = transaction.After with { Version = responses[0].Headers.ETag ?? default };
                transaction.Succeed(responses);
                return;
            }
            catch (TableTransactionFailedException refused) when (refused.FailedTransactionActionIndex is { } action && TableFaults.IsRefusal(refused))
            {
                var owner = transaction.OwnerOf(action);
                if (uncertain || owner.Kind is ActionKind.Head or ActionKind.Entry)
                {
                    // An earlier try may have been the one that changed the head: that is looked up first.
                    head = null;
                    if (++headChanges == MaxHeadChanges)
                    {
                        throw;
                    }

                    await Task.Delay(Jitter());
                }

                if (owner.Kind is not (ActionKind.Head or ActionKind.Entry) && !uncertain)
                {
                    await ResolveAsync(batch, owner, nonce);
                }

                uncertain = false;
            }
            catch (Exception trouble) when (TableFaults.IsTrouble(trouble))
            {
                (head, uncertain) = (null, true);
                if (++failures == parts.Options.Attempts)
                {
                    throw;
                }

                await Task.Delay(Backoff(failures));
            }
        }
    }

    /// <summary>Sees to it that the head is at hand and that something is left to write.</summary>
    private async Task<bool> ReadyAsync(List<PendingCommit> batch, long nonce)
    {
        if (head is null)
        {
            head = await parts.Reader.HeadAsync(partition);
            batch.ForEach(commit => commit.Absent.Clear());
            if (head.Knows(nonce))
            {
                await AcknowledgeAsync(batch, nonce);
                return false;
            }
        }

        if (head.IsNone && !isKnownTenant)
        {
            await parts.Tenants.AddAsync(tenant);
            isKnownTenant = true;
        }

        for (var i = batch.Count - 1; i >= 0; i--)
        {
            if (Impossible(batch[i].Commit) is { } key)
            {
                await RefuseAsync(batch, batch[i], key, nonce, known: null);
            }
        }

        return batch.Count > 0;
    }

    private async Task<IReadOnlyList<Response>> SubmitAsync(LedgerTransaction transaction)
    {
        using var limit = new CancellationTokenSource(parts.Options.AttemptTimeout);
        return (await parts.Commits.SubmitTransactionAsync(transaction.Actions, limit.Token)).Value;
    }

    private async Task ResolveAsync(List<PendingCommit> batch, ActionOwner owner, long nonce)
    {
        var commit = owner.Commit!;
        switch (owner.Kind)
        {
            case ActionKind.DeleteIfPresent:
                await FindAbsentAsync(batch);
                break;
            case ActionKind.Event:
                var known = await parts.Reader.EventsAsync(partition, commit);
                if (commit.Entries.All(entry => entry.IsThere))
                {
                    await RefuseAsync(batch, commit, owner.Key, nonce, known);
                }

                break;
            default:
                await RefuseAsync(batch, commit, owner.Key, nonce, known: null);
                break;
        }
    }

    // A repeat is a repeat even where its conditions do not hold any more: it made them so.
    private async Task RefuseAsync(List<PendingCommit> batch, PendingCommit commit, string key, long nonce, IReadOnlyList<long>? known)
    {
        known ??= await parts.Reader.EventsAsync(partition, commit);
        batch.Remove(commit);
        if (commit.Entries.Length == 0 || !commit.Entries.All(entry => entry.IsThere))
        {
            commit.Fail(new LedgerConflictException(key));
            return;
        }

        head = await parts.Reader.HeadAsync(partition);
        batch.ForEach(other => other.Absent.Clear());
        commit.Succeed(new CommitReceipt(!known.Contains(nonce), head.Sequence));
    }

    // A row that is not there as of this head is not there when the transaction succeeds: nothing is written without the head.
    private async Task FindAbsentAsync(List<PendingCommit> batch)
    {
        var wanted = batch
            .SelectMany(commit => commit.Commit.Rows.Where(row => row is { Value: null, Condition: RowCondition.None }).Select(row => (commit, row.Key)))
            .ToList();
        var there = await Task.WhenAll(wanted.Select(row => parts.Reader.IsThereAsync(partition, TableKeys.Row(row.Key))));
        for (var i = 0; i < there.Length; i++)
        {
            if (!there[i])
            {
                wanted[i].commit.Absent.Add(wanted[i].Key);
            }
        }
    }

    // The transaction succeeded and its answer was lost.
    private async Task AcknowledgeAsync(List<PendingCommit> batch, long nonce)
    {
        foreach (var commit in batch)
        {
            var version = commit.Commit.Call is { } call
                ? await parts.Reader.CallVersionAsync(partition, call.Run, call.Key, nonce)
                : null;
            commit.Succeed(new CommitReceipt(false, head!.Sequence, version));
        }
    }

    // What the service never gave out as a version is no version.
    private static string? Impossible(LedgerCommit commit) =>
        commit.Rows.FirstOrDefault(row => row.Condition is RowCondition.Version && !IsVersion(row.ExpectedVersion))?.Key
        ?? (commit.Call is { ExpectedVersion: { } version } call && !IsVersion(version) ? call.Key : null);

    private static bool IsVersion(string? text) =>
        text is { Length: > 4 and < 200 } && text.StartsWith("W/\"", StringComparison.Ordinal) && text[^1] == '"'
        && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private long Now() => (parts.Options.Time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / MicrosecondTicks;

    private static TimeSpan Jitter() => TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, LongestJitter));

    private static TimeSpan Backoff(int failures)
    {
        var pause = FirstPause * Math.Pow(2, failures - 1);
        return (pause < LongestPause ? pause : LongestPause) + Jitter();
    }
}
