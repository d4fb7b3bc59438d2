using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Entries;

internal static class SampleEntries
{
    /// <summary>The worked example of docs/log-format.md. 2026-11-20T12:00:00Z.</summary>
    public static LogEntry Worked(Hash256 payloadHash) => new()
    {
        Tenant = "acme",
        Sequence = 1,
        PreviousHash = Hash256.Zero,
        Time = 1_795_176_000_000_000,
        EventId = EventId.InRun("run-1", "", 0, 0, 0, EventTypes.RunCreated),
        Type = EventTypes.RunCreated,
        Actor = "u-421",
        Run = "run-1",
        CorrelationId = "c-9",
        TransactionId = "run-1",
        PayloadHash = payloadHash,
    };

    public static LogEntry Full() => new()
    {
        Tenant = "tenänt",
        Sequence = long.MaxValue,
        PreviousHash = Hash256.Of("before"u8),
        Time = EntryFormat.MaxTime,
        EventId = EventId.InRun("r/1", "a/b%", 2, 3, 4, EventTypes.ApprovalVoted, "u-7"),
        Type = EventTypes.ApprovalVoted,
        Actor = "u-7",
        Run = "r/1",
        Step = "a/b%",
        CorrelationId = "corr 😀",
        TransactionId = "r/0",
        PayloadHash = Hash256.Of("payload"u8),
    };

    public static LogEntry Longest() => new()
    {
        Tenant = new string('é', 64),
        Sequence = 1,
        PreviousHash = Hash256.Zero,
        Time = 0,
        EventId = new string('x', 2048),
        Type = new string('n', 31) + "." + new string('v', 32),
        Actor = new string('a', 256),
        Run = new string('r', 256),
        Step = new string('s', 1024),
        CorrelationId = new string('c', 256),
        TransactionId = new string('t', 256),
        PayloadHash = Hash256.Zero,
    };
}
