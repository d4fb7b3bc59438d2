namespace Countersign.Ledger;

/// <summary>A row or a call record was not as the commit expected it; nothing was written.</summary>
/// <param name="key">The key that did not match.</param>
public sealed class LedgerConflictException(string key)
    : Exception($"The ledger row '{key}' was changed by somebody else in between; nothing was written.")
{
    /// <summary>The key that did not match.</summary>
    public string Key { get; } = key;
}

/// <summary>The ledger's store could not be reached, or refused to write (full, throttled); the call may be repeated as it is.</summary>
/// <param name="message">What the store said.</param>
/// <param name="innerException">The store's own error.</param>
public sealed class LedgerUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>
/// The ledger's store refused the call for good: it is not allowed, too large, or malformed. Repeating it does not help; the run is suspended until
/// the cause is removed.
/// </summary>
/// <param name="what">The store's status and code, such as <c>403 AuthorizationFailure</c>. It goes into the log.</param>
/// <param name="innerException">The store's own error.</param>
public sealed class LedgerRefusedException(string what, Exception? innerException = null)
    : Exception($"The storage refused the call: {what}. Repeating it does not help.", innerException)
{
    /// <summary>The code of this error, <c>ledger.refused</c>; see docs/errors.</summary>
    public const string ErrorCode = "ledger.refused";

    /// <summary>The store's status and code.</summary>
    public string What { get; } = what;
}
