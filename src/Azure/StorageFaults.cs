using Azure;
using Countersign.Ledger;

namespace Countersign.Azure;

/// <summary>What the errors of a storage account mean for the one who called it.</summary>
public static class StorageFaults
{
    // Of 4xx these pass by themselves: a time limit, a lock, throttling, and what is being created or deleted at the moment.
    private static readonly int[] PassingStatuses = [404, 408, 409, 412, 423, 425, 429];

    /// <summary>Whether the account refused a request for good, so that repeating it does not help: 400, 401, 403, 413 and the like.</summary>
    public static bool IsRefusal(RequestFailedException error) => error.Status is >= 400 and < 500 && !PassingStatuses.Contains(error.Status);

    /// <summary>The refusal that an error is or was caused by; null where it passes by itself or is no answer of the account.</summary>
    public static LedgerRefusedException? RefusalOf(Exception error) => error switch
    {
        LedgerRefusedException refused => refused,
        RequestFailedException failed when IsRefusal(failed) => new LedgerRefusedException($"{failed.Status} {failed.ErrorCode}".TrimEnd(), failed),
        AggregateException { InnerExceptions: [var one] } => RefusalOf(one),
        _ => null,
    };
}
