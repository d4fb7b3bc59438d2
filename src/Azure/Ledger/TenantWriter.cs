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
    private const long RecentMicroseconds = 500_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly string partition = TableKeys.Partition(tenant);
    private readonly WriterPace pace = parts.Options.Pace;
    private readonly WriterTurns turns = new(parts.Options.Pace);
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
                work = Task.Factory.StartNew(WorkAsync, default, TaskCreationOptions.DenyChildAttach, pace.Scheduler).Unwrap();
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
                await FailAsync(batch, TableFaults.IsTrouble(error) ? TableFaults.Of(error) : error);
            }
        }

        idle(this);
    }

    // What is refused for good is refused for one commit: the others of its batch are written without it.
    private async Task FailAsync(CommitBatch batch, Exception failure)
    {
        if (failure is not LedgerRefusedException || batch.Commits.Count == 1)
        {
            batch.Commits.ForEach(commit => commit.Fail(failure));
            return;
        }

        foreach (var commit in batch.Commits)
        {
            try
            {
                await WriteAsync(CommitBatch.Of(commit));
            }
            catch (Exception error)
            {
                head = null;
                commit.Fail(TableFaults.IsTrouble(error) ? TableFaults.Of(error) : error);
            }
        }
    }

    private CommitBatch? NextBatch()
    {
        lock (gate)
        {
            var batch = new CommitBatch();
            batch.Fill(queue);
            isWorking = batch.Commits.Count > 0;
            return isWorking ? batch : null;
        }
    }

    // Only where it is certain that nothing of the batch was written: an acknowledgement that comes to light later is for all of it.
    private void TopUp(CommitBatch batch)
    {
        lock (gate)
        {
            batch.Fill(queue);
        }
    }

    private async Task WriteAsync(CommitBatch batch)
    {
        var nonce = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
        var (failures, headChanges, unsure) = (0, 0, default(LedgerTransaction));
        await YieldAsync();
        while (await ReadyAsync(batch, nonce, unsure))
        {
            if (unsure is null || !head!.Is(unsure.Before))
            {
                unsure = null;
                TopUp(batch);
            }

            var transaction = LedgerTransaction.Of(tenant, head!, nonce, turns.Writer, batch.Commits, Now());
            if (transaction.IsEmpty)
            {
                transaction.SucceedEmpty();
                return;
            }

            try
            {
                if (await SubmitAsync(transaction) is { } responses)
                {
                    head = transaction.After with { Version = responses[0].Headers.ETag ?? default };
                    transaction.Succeed(responses);
                    return;
                }

                // No answer, and the head has moved on: it says whether it was moved by this.
                (head, unsure) = (null, transaction);
            }
            catch (TableTransactionFailedException refused) when (refused.FailedTransactionActionIndex is { } action && TableFaults.IsRefusal(refused))
            {
                var owner = transaction.OwnerOf(action);
                if (owner.Kind is not (ActionKind.Head or ActionKind.Entry))
                {
                    // The head was the one that was sent, so an earlier try has not succeeded, and is refused for the same reason.
                    unsure = null;
                    await ResolveAsync(batch, owner, nonce);
                    continue;
                }

                if (++headChanges == MaxHeadChanges)
                {
                    throw;
                }

                turns.Meet();
                head = null;
                await Task.Delay(turns.Wait(transaction.Before), pace.Time);
            }
            catch (Exception trouble) when (TableFaults.IsTrouble(trouble))
            {
                (head, unsure) = (null, transaction);
                if (StorageFaults.RefusalOf(trouble) is not null || ++failures == parts.Options.Attempts)
                {
                    throw;
                }

                await Task.Delay(Backoff(failures), pace.Time);
            }
        }
    }

    /// <summary>Leaves the tenant to those that were served less lately, where others write too.</summary>
    private async Task YieldAsync()
    {
        if (head is not null && turns.Wait(head) is { Ticks: > 0 } pause)
        {
            await Task.Delay(pause, pace.Time);
            head = null;
        }
    }

    /// <summary>Sees to it that the head is at hand and that something is left to write.</summary>
    private async Task<bool> ReadyAsync(CommitBatch batch, long nonce, LedgerTransaction? unsure)
    {
        if (head is null)
        {
            head = await ReadHeadAsync();
            batch.Forget();
            if (unsure is not null && head.Knows(nonce))
            {
                await AcknowledgeAsync(unsure, nonce);
                return false;
            }
        }

        if (head.IsNone && !isKnownTenant)
        {
            await parts.Tenants.AddAsync(tenant);
            isKnownTenant = true;
        }

        for (var i = batch.Commits.Count - 1; i >= 0; i--)
        {
            if (Impossible(batch.Commits[i].Commit) is { } key)
            {
                await RefuseAsync(batch, batch.Commits[i], key, nonce, known: null);
            }
        }

        return batch.Commits.Count > 0;
    }

    private async Task<LedgerHead> ReadHeadAsync()
    {
        var begun = pace.Time.GetTimestamp();
        var read = await parts.Reader.HeadAsync(partition);
        turns.Read(pace.Time.GetElapsedTime(begun));
        if (read.NewestWriter is { } other && other != turns.Writer && Now() - read.Time < RecentMicroseconds)
        {
            turns.Meet();
        }

        return read;
    }

    /// <summary>Sends a transaction. While there is no answer, the head is looked at: an answer that is lost takes no longer than that.</summary>
    /// <returns>The answers; null where the head has moved on without one.</returns>
    private async Task<IReadOnlyList<Response>?> SubmitAsync(LedgerTransaction transaction)
    {
        using var limit = new CancellationTokenSource(parts.Options.AttemptTimeout, pace.Time);
        var begun = pace.Time.GetTimestamp();
        var answer = parts.Commits.SubmitTransactionAsync(transaction.Actions, limit.Token);
        for (var pause = turns.Patience; await Task.WhenAny(answer, Task.Delay(pause, pace.Time)) != answer; pause *= 2)
        {
            if (!(await ReadHeadAsync()).Is(transaction.Before))
            {
                limit.Cancel();
                return null;
            }
        }

        var responses = (await answer).Value;
        turns.Committed(pace.Time.GetElapsedTime(begun));
        return responses;
    }

    private async Task ResolveAsync(CommitBatch batch, ActionOwner owner, long nonce)
    {
        var commit = owner.Commit!;
        switch (owner.Kind)
        {
            case ActionKind.DeleteIfPresent:
                await FindAbsentAsync(batch);
                break;
            case ActionKind.Event:
                var known = await parts.Reader.EventsAsync(partition, commit);

                // A call that is not on record was never committed, although other commits wrote all entries that ride on it: the
                // next transaction leaves the entries out, and the call's own condition decides.
                if (commit.Commit.Call is null && commit.Entries.All(entry => entry.IsThere))
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
    private async Task RefuseAsync(CommitBatch batch, PendingCommit commit, string key, long nonce, IReadOnlyList<long>? known)
    {
        known ??= await parts.Reader.EventsAsync(partition, commit);
        if (commit.Entries.Length == 0 || !commit.Entries.All(entry => entry.IsThere))
        {
            batch.Commits.Remove(commit);
            commit.Fail(new LedgerConflictException(key));
            return;
        }

        head = await ReadHeadAsync();
        batch.Forget();
        batch.Commits.Remove(commit);
        commit.Succeed(new CommitReceipt(!known.Contains(nonce), head.Sequence));
    }

    // A row that is not there as of this head is not there when the transaction succeeds: nothing is written without the head.
    private async Task FindAbsentAsync(CommitBatch batch)
    {
        var wanted = batch.Commits
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
    private async Task AcknowledgeAsync(LedgerTransaction transaction, long nonce)
    {
        foreach (var (commit, lastSequence) in transaction.Results)
        {
            var version = commit.Commit.Call is { } call
                ? await parts.Reader.CallVersionAsync(partition, call.Run, call.Key, nonce)
                : null;
            commit.Succeed(new CommitReceipt(false, lastSequence, version));
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

    private TimeSpan Jitter() => TimeSpan.FromMilliseconds(1 + pace.Draw(LongestJitter));

    private TimeSpan Backoff(int failures)
    {
        var pause = FirstPause * Math.Pow(2, failures - 1);
        return (pause < LongestPause ? pause : LongestPause) + Jitter();
    }
}
