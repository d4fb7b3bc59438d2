using System.Text;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Verification;

/// <summary>Logs as a store would keep them.</summary>
internal static class SampleLog
{
    public static List<StoredEntry> Of(string tenant, int count, ulong seed = 1)
    {
        var random = new Seeded(seed);
        var log = new List<StoredEntry>(count);
        var previous = Hash256.Zero;
        for (var sequence = 1; sequence <= count; sequence++)
        {
            var stored = Entry(tenant, sequence, previous, ref random);
            log.Add(stored);
            previous = stored.Hash();
        }

        return log;
    }

    public static StoredEntry Entry(string tenant, long sequence, Hash256 previous, ref Seeded random)
    {
        var run = $"run-{sequence % 7}";
        var draft = new EntryDraft
        {
            EventId = EventId.InRun(run, "order/charge", 1, 1, 1, EventTypes.StepCompleted, $"{sequence}-{random.Next():x}"),
            Type = EventTypes.StepCompleted,
            Actor = "u-7",
            Run = run,
            Step = "order/charge",
            TransactionId = run,
            Payload = Encoding.UTF8.GetBytes($"{{\"n\":{sequence},\"result\":\"sha256:{random.Next():x16}\"}}"),
        };
        return StoredEntry.From(draft, new EntryPosition(tenant, sequence, previous, 1_795_176_000_000_000 + (sequence % 1_000_000)), random.Bytes(16));
    }

    public static ChainEnd EndOf(List<StoredEntry> log) => new(log.Count, log[^1].Hash());

    /// <summary>The same entry with some fields changed and everything else kept, as an attacker with the bytes would do it.</summary>
    public static StoredEntry Edit(StoredEntry stored, Func<LogEntry, LogEntry> change) =>
        stored with { Bytes = EntryCodec.ToBytes(change(EntryCodec.Decode(stored.Bytes.Span))) };
}
