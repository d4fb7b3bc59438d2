namespace Countersign.Azure.Ledger;

/// <summary>The commits that go into one transaction: they fit together and touch no row twice, and are in the order in which they came.</summary>
internal sealed class CommitBatch
{
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);
    private int weight = 1;
    private long size = 1000;
    private bool isClosed;

    /// <summary>The commits that are still to be answered.</summary>
    public List<PendingCommit> Commits { get; } = [];

    /// <summary>A batch of one commit, which takes no other.</summary>
    public static CommitBatch Of(PendingCommit commit)
    {
        var batch = new CommitBatch { isClosed = true };
        batch.Commits.Add(commit);
        return batch;
    }

    /// <summary>Takes as many of a queue as fit.</summary>
    public void Fill(LinkedList<PendingCommit> queue)
    {
        while (!isClosed && queue.First?.Value is { } next && Fits(next) && next.Touches().All(touched.Add))
        {
            (weight, size) = (weight + next.Weight, size + next.Size);
            Commits.Add(next);
            queue.RemoveFirst();
        }
    }

    /// <summary>What was looked up under an earlier head holds no more.</summary>
    public void Forget() => Commits.ForEach(commit => commit.Absent.Clear());

    private bool Fits(PendingCommit next) =>
        Commits.Count == 0 || (weight + next.Weight <= LedgerTransaction.MaxEntities && size + next.Size <= LedgerTransaction.MaxSize);
}
