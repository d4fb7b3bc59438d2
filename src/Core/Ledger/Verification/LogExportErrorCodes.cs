namespace Countersign.Ledger;

/// <summary>Codes of <see cref="LogExportException"/>; each has a page in docs/errors.</summary>
public static class LogExportErrorCodes
{
    /// <summary>The first line is not a header of a known form.</summary>
    public const string Header = "export.header";

    /// <summary>A line is not an object of <c>entry</c>, <c>salt</c> and <c>payload</c> in base64.</summary>
    public const string MalformedLine = "export.malformed-line";

    /// <summary>A line is longer than 16 MiB.</summary>
    public const string LineTooLong = "export.line-too-long";
}
