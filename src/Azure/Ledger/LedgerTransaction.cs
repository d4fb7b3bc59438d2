using Azure;
using Azure.Data.Tables;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>What an action of a transaction is for.</summary>
internal enum ActionKind
{
    Head,
    Row,
    DeleteIfPresent,
    Call,
    Entry,
    Event,
}

/// <summary>An action of a transaction, and whose it is.</summary>
internal readonly record struct ActionOwner(ActionKind Kind, PendingCommit? Commit, string Key);

/// <summary>
/// One entity group transaction: the head first, so that whoever works from an old one fails by that and by nothing else, then
/// what the commits write.
/// </summary>
internal sealed class LedgerTransaction
{
    /// <summary>The most entities of a transaction.</summary>
    public const int MaxEntities = 100;

    /// <summary>The most bytes of a transaction that are aimed at; the service takes 4 MiB.</summary>
    public const long MaxSize = 3_400_000;

    private readonly string tenant;
    private readonly string partition;
    private readonly long nonce;
    private readonly List<ActionOwner> owners = [];
    private readonly List<(PendingCommit Commit, long LastSequence, int Call)> results = [];
    private long sequence;
    private Hash256 hash;

    private LedgerTransaction(string tenant, LedgerHead head, long nonce)
    {
        (this.tenant, this.nonce, Before) = (tenant, nonce, head);
        partition = TableKeys.Partition(tenant);
        (sequence, hash) = (head.Sequence, head.Hash);
    }

    public List<TableTransactionAction> Actions { get; } = [];

    /// <summary>The head that must still be there.</summary>
    public LedgerHead Before { get; }

    /// <summary>The commits in it, each with the sequence of the last entry up to its own.</summary>
    public IEnumerable<(PendingCommit Commit, long LastSequence)> Results => results.Select(result => (result.Commit, result.LastSequence));

    /// <summary>The head as it is after the transaction, without its version.</summary>
    public LedgerHead After { get; private set; } = LedgerHead.None;

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => Actions.Count == 1;

    /// <summary>Puts commits together, giving their entries their places behind a head.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="head">The head that must still be there.</param>
    /// <param name="nonce">What the transaction is recognised by.</param>
    /// <param name="writer">Who writes it.</param>
    /// <param name="commits">The commits.</param>
    /// <param name="now">Microseconds since 1970; entries never go back behind the head's time.</param>
    public static LedgerTransaction Of(string tenant, LedgerHead head, long nonce, int writer, IReadOnlyList<PendingCommit> commits, long now)
    {
        var transaction = new LedgerTransaction(tenant, head, nonce);
        var time = Math.Max(now, head.Time);
        transaction.owners.Add(new ActionOwner(ActionKind.Head, null, TableKeys.Head));
        transaction.Actions.Add(null!);
        foreach (var commit in commits)
        {
            transaction.Add(commit, time);
        }

        transaction.After = head.After(nonce, writer, transaction.sequence, transaction.hash, time);
        var row = transaction.After.ToEntity(transaction.partition);
        transaction.Actions[0] = head.IsNone
            ? new TableTransactionAction(TableTransactionActionType.Add, row)
            : new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, head.Version);
        return transaction;
    }

    /// <summary>Whose action it is that the service refused.</summary>
    public ActionOwner OwnerOf(int action) => owners[action];

    /// <summary>Answers the commits of a transaction that succeeded.</summary>
    public void Succeed(IReadOnlyList<Response> responses)
    {
        foreach (var (commit, lastSequence, call) in results)
        {
            commit.Succeed(new CommitReceipt(false, lastSequence, call < 0 ? null : responses[call].Headers.ETag?.ToString("H")));
        }
    }

    /// <summary>Answers the commits of a transaction that had nothing to write.</summary>
    public void SucceedEmpty()
    {
        foreach (var (commit, lastSequence, _) in results)
        {
            commit.Succeed(new CommitReceipt(false, lastSequence));
        }
    }

    private void Add(PendingCommit commit, long time)
    {
        foreach (var row in commit.Commit.Rows)
        {
            AddRow(commit, row);
        }

        var call = commit.Commit.Call is null ? -1 : Actions.Count;
        if (commit.Commit.Call is { } record)
        {
            AddCall(commit, record);
        }

        foreach (var entry in commit.Entries)
        {
            if (!entry.IsThere)
            {
                AddEntry(commit, entry, time);
            }
        }

        results.Add((commit, sequence, call));
    }

    private void AddRow(PendingCommit commit, RowWrite row)
    {
        var key = TableKeys.Row(row.Key);
        if (row.Value is { } value)
        {
            var entity = new TableEntity(partition, key) { ["Value"] = value.ToArray(), ["Nonce"] = nonce };
            if (TableKeys.IsShortened(row.Key))
            {
                entity["Key"] = row.Key;
            }

            Add(ActionKind.Row, commit, row.Key, entity, row.Condition, row.ExpectedVersion);
        }
        else if (row.Condition is RowCondition.Version)
        {
            Put(new(ActionKind.Row, commit, row.Key), new(TableTransactionActionType.Delete, new TableEntity(partition, key), new ETag(row.ExpectedVersion!)));
        }
        else if (!commit.Absent.Contains(row.Key))
        {
            Put(new(ActionKind.DeleteIfPresent, commit, row.Key), new(TableTransactionActionType.Delete, new TableEntity(partition, key), ETag.All));
        }
    }

    private void AddCall(PendingCommit commit, CallRecord call)
    {
        var entity = new TableEntity(partition, TableKeys.Call(call.Run, call.Key))
        {
            ["Key"] = call.Key,
            ["Number"] = call.Number,
            ["Delivery"] = call.Nonce,
            ["Nonce"] = nonce,
        };
        if (commit.AnswerApart is { } apart)
        {
            entity["AnswerAt"] = apart;
        }
        else if (call.Answer is { } answer)
        {
            entity["Answer"] = answer.ToArray();
        }

        Add(ActionKind.Call, commit, call.Key, entity, call.ExpectedVersion is null ? RowCondition.Absent : RowCondition.Version, call.ExpectedVersion);
    }

    private void AddEntry(PendingCommit commit, PendingEntry entry, long time)
    {
        var stored = StoredEntry.From(entry.Draft, new EntryPosition(tenant, ++sequence, hash, time), entry.Salt);
        hash = stored.Hash();
        var row = new TableEntity(partition, TableKeys.Entry(sequence)) { ["Bytes"] = stored.Bytes.ToArray(), ["Salt"] = entry.Salt };
        if (entry.Apart is { } apart)
        {
            row["PayloadAt"] = apart;
        }
        else
        {
            row["Payload"] = entry.Draft.Payload.ToArray();
        }

        Put(new(ActionKind.Entry, commit, row.RowKey), new(TableTransactionActionType.Add, row));
        var known = new TableEntity(partition, entry.EventKey) { ["Sequence"] = sequence, ["Nonce"] = nonce };
        Put(new(ActionKind.Event, commit, entry.EventKey), new(TableTransactionActionType.Add, known));
    }

    private void Add(ActionKind kind, PendingCommit commit, string key, TableEntity entity, RowCondition condition, string? version) => Put(
        new(kind, commit, key),
        condition switch
        {
            RowCondition.Absent => new(TableTransactionActionType.Add, entity),
            RowCondition.Version => new(TableTransactionActionType.UpdateReplace, entity, new ETag(version!)),
            _ => new(TableTransactionActionType.UpsertReplace, entity),
        });

    private void Put(ActionOwner owner, TableTransactionAction action)
    {
        owners.Add(owner);
        Actions.Add(action);
    }
}
