using System.Security.Cryptography;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>An entry that waits for its place in the log.</summary>
internal sealed class PendingEntry(EntryDraft draft)
{
    public EntryDraft Draft { get; } = draft;

    public byte[] Salt { get; } = RandomNumberGenerator.GetBytes(PayloadHash.SaltLength);

    /// <summary>The row that recognises it.</summary>
    public string EventKey { get; } = TableKeys.Event(draft.Run, draft.EventId);

    /// <summary>The hash under which the payload is stored apart; null where it is in the row.</summary>
    public string? Apart { get; init; }

    /// <summary>Found in the log already.</summary>
    public bool IsThere { get; set; }
}

/// <summary>A commit on its way through its tenant's writer.</summary>
internal sealed class PendingCommit(LedgerCommit commit, PendingEntry[] entries, string? answerApart)
{
    private readonly TaskCompletionSource<CommitReceipt> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LedgerCommit Commit { get; } = commit;

    public PendingEntry[] Entries { get; } = entries;

    /// <summary>The hash under which the call's answer is stored apart; null where it is in the row.</summary>
    public string? AnswerApart { get; } = answerApart;

    /// <summary>Rows that are to be deleted where they are there, and are not, as of the head that they were looked for under.</summary>
    public HashSet<string> Absent { get; } = new(StringComparer.Ordinal);

    public Task<CommitReceipt> Done => done.Task;

    /// <summary>How many rows it writes at most, the head aside.</summary>
    public int Weight { get; } = commit.Rows.Length + (2 * entries.Length) + (commit.Call is null ? 0 : 1);

    /// <summary>About how many bytes it sends: values in base64, and the names and keys around them.</summary>
    public long Size { get; } =
        commit.Rows.Sum(row => Sent(row.Value?.Length ?? 0, row.Key.Length))
        + entries.Sum(entry => Sent(2048 + (entry.Apart is null ? entry.Draft.Payload.Length : 0), 256))
        + (commit.Call is { } call ? Sent(answerApart is null ? call.Answer?.Length ?? 0 : 0, call.Key.Length + call.Run.Length) : 0);

    /// <summary>The rows that it touches; no row can be in a transaction twice.</summary>
    public IEnumerable<string> Touches()
    {
        foreach (var row in Commit.Rows)
        {
            yield return TableKeys.Row(row.Key);
        }

        foreach (var entry in Entries)
        {
            yield return entry.EventKey;
        }

        if (Commit.Call is { } call)
        {
            yield return TableKeys.Call(call.Run, call.Key);
        }
    }

    public void Succeed(CommitReceipt receipt) => done.TrySetResult(receipt);

    public void Fail(Exception error) => done.TrySetException(error);

    private static long Sent(int bytes, int characters) => (bytes * 4L / 3) + (3 * characters) + 900;
}
