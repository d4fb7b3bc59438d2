namespace Countersign.Azure.Ledger;

/// <summary>
/// When a writer has its go where several processes write to one tenant. Each success makes the others read the head again, so whoever
/// just wrote would win time after time: it has the head at hand. So the head names who wrote its newest transactions, and a writer
/// waits the longer the later it was served. It is a courtesy that makes writers fair and spares requests; nothing rests on it.
/// </summary>
internal sealed class WriterTurns(WriterPace pace)
{
    private static readonly TimeSpan MinPatience = TimeSpan.FromMilliseconds(50);

    // A writer that nobody got in the way of for so long has the tenant to itself.
    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestSlot = TimeSpan.FromMilliseconds(200);

    // A turn is one read and one transaction that overlaps the next one's read; shorter ones cost requests, longer ones time.
    private const double RoundTripsPerTurn = 1.5;

    private TimeSpan slot = TimeSpan.FromMilliseconds(15);
    private TimeSpan commit = TimeSpan.FromMilliseconds(30);
    private long? contended;

    /// <summary>What the writer is called in heads.</summary>
    public int Writer { get; } = pace.Draw(int.MaxValue - 1) + 1;

    /// <summary>How long an answer may take before the head is looked at.</summary>
    public TimeSpan Patience => commit * 3 > MinPatience ? commit * 3 : MinPatience;

    /// <summary>Whether others have written lately.</summary>
    public bool IsContended => contended is { } since && pace.Time.GetElapsedTime(since) < Memory;

    /// <summary>Somebody else wrote.</summary>
    public void Meet() => contended = pace.Time.GetTimestamp();

    /// <summary>Learns how long the service takes to read a row.</summary>
    public void Read(TimeSpan took) => slot = Smooth(slot, took < LongestSlot ? took : LongestSlot);

    /// <summary>Learns how long the service takes for a transaction.</summary>
    public void Committed(TimeSpan took) => commit = Smooth(commit, took);

    /// <summary>How long to leave the tenant to those that were served less lately.</summary>
    public TimeSpan Wait(LedgerHead head)
    {
        if (!IsContended)
        {
            return TimeSpan.Zero;
        }

        var turns = head.ServedBefore(Writer);
        return (slot * turns * RoundTripsPerTurn) + TimeSpan.FromMilliseconds(pace.Draw(((int)slot.TotalMilliseconds / 4) + 1));
    }

    private static TimeSpan Smooth(TimeSpan known, TimeSpan took) => known + ((took - known) / 8);
}
