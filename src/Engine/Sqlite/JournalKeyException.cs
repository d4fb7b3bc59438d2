namespace Countersign.Engine.Sqlite;

/// <summary>The journal's values cannot be decrypted: its key is missing or another one, or a value was changed.</summary>
/// <param name="reason">What is wrong.</param>
public sealed class JournalKeyException(string reason)
    : Exception($"{ErrorCode}: {reason}. Restore keys/artifacts.key of this data folder from a back-up.")
{
    /// <summary>The code of this error, <c>journal.key</c>; see docs/errors.</summary>
    public const string ErrorCode = "journal.key";

    /// <summary>The code of this error, <c>journal.key</c>.</summary>
    public string Code { get; } = ErrorCode;
}
