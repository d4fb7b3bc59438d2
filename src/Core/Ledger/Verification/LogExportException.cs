namespace Countersign.Ledger;

/// <summary>A file is not an export of a log.</summary>
public sealed class LogExportException : Exception
{
    internal LogExportException(string code, long line, string rule, Exception? cause = null)
        : base($"{code} in line {line}: {rule}", cause)
    {
        Code = code;
        Line = line;
    }

    /// <summary>Stable code: one of the constants of <see cref="LogExportErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The line, from 1.</summary>
    public long Line { get; }
}
