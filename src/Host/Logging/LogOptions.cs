using Microsoft.Extensions.Logging;

namespace Countersign.Host.Logging;

/// <summary>The log of a host.</summary>
/// <param name="Level">The least level that is written.</param>
/// <param name="Json">Whether a line is a JSON object in place of text.</param>
/// <param name="File">A file that is written beside the console; null for the console alone.</param>
internal sealed record LogOptions(LogLevel Level, bool Json, string? File)
{
    /// <summary>A file is closed and the next one begun at this size: 16 MiB.</summary>
    public const long MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>How many files are kept; the oldest is deleted.</summary>
    public const int MaxFiles = 10;
}
