namespace Countersign.Engine.Sqlite;

/// <summary>What a ledger has done since it was opened.</summary>
/// <param name="Commits">Transactions, each with one fsync.</param>
/// <param name="Requests">Commits asked for and answered, whatever the answer.</param>
/// <param name="Repeats">Of these, the ones that were in the log already.</param>
/// <param name="Conflicts">Of these, the ones refused because something was not as expected.</param>
/// <param name="Entries">Log entries written.</param>
/// <param name="Calls">Call records written.</param>
/// <param name="Rows">Rows written or deleted.</param>
/// <param name="Bytes">Bytes of entries, payloads, answers and values written, without the store's own.</param>
public readonly record struct SqliteLedgerStatistics(
    long Commits, long Requests, long Repeats, long Conflicts, long Entries, long Calls, long Rows, long Bytes);
