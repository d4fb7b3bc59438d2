using Azure;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>What the service's answers mean.</summary>
internal static class TableFaults
{
    /// <summary>Whether a row or a condition of a transaction was refused, so that nothing of it was written.</summary>
    public static bool IsRefusal(RequestFailedException error) => error.Status is 404 or 409 or 412 && error.ErrorCode is not ("TableNotFound" or "TableBeingDeleted");

    /// <summary>Whether nothing can be said about what was asked: not reached, throttled, timed out, not allowed.</summary>
    public static bool IsTrouble(Exception error) => error
        is RequestFailedException
        or OperationCanceledException
        or HttpRequestException
        or IOException
        or TimeoutException
        or AggregateException;

    /// <summary>The same in the ledger's words: refused for good, or unavailable for now.</summary>
    public static Exception Of(Exception error) => StorageFaults.RefusalOf(error) is { } refused
        ? refused
        : new LedgerUnavailableException($"The ledger's table cannot be reached: {Short(error)}", error);

    private static string Short(Exception error) =>
        error is RequestFailedException failed ? $"{failed.Status} {failed.ErrorCode}" : $"{error.GetType().Name}: {error.Message}";
}
