namespace Countersign.Engine.Sqlite;

/// <summary>The journal was written by a newer version of the program. It was not touched.</summary>
/// <param name="path">The journal's file.</param>
/// <param name="found">The version of its tables.</param>
/// <param name="known">The newest version that this program knows.</param>
public sealed class NewerJournalException(string path, int found, int known)
    : Exception($"{ErrorCode}: the journal '{path}' has tables of version {found}, and this program knows versions up to {known}. Start the newer program again, or restore a copy made before it.")
{
    /// <summary>The code of this error, <c>journal.newer-version</c>; see docs/errors.</summary>
    public const string ErrorCode = "journal.newer-version";

    /// <summary>The code of this error, <c>journal.newer-version</c>.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>The version of the journal's tables.</summary>
    public int Found { get; } = found;

    /// <summary>The newest version that this program knows.</summary>
    public int Known { get; } = known;
}
