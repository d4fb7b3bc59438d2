using System.Buffers;
using System.Runtime.CompilerServices;

namespace Countersign.Ledger;

/// <summary>
/// A part of a log as JSON Lines: a header, then one object for each entry with <c>entry</c>, <c>salt</c> and
/// <c>payload</c> in base64 (salt and payload are left out when erased). Written and read as a stream, in memory that
/// depends on the longest line only. See docs/log-format.md.
/// </summary>
public sealed class LogExport
{
    private const int FlushAt = 64 * 1024;

    private readonly LineReader _lines;

    private LogExport(LineReader lines, ExportHeader header)
    {
        _lines = lines;
        Header = header;
    }

    /// <summary>What the export claims to hold.</summary>
    public ExportHeader Header { get; }

    /// <summary>Writes an export.</summary>
    /// <param name="destination">Receives the bytes; not closed.</param>
    /// <param name="header">What the entries are; it is not compared with them.</param>
    /// <param name="entries">The entries in order.</param>
    /// <param name="cancellation">Ends the export; what was written until then stays, and is no whole export.</param>
    public static async Task WriteAsync(
        Stream destination, ExportHeader header, IAsyncEnumerable<StoredEntry> entries, CancellationToken cancellation = default)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt);
        ExportLine.Write(header, buffer);
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            ExportLine.Write(entry, buffer);
            if (buffer.WrittenCount >= FlushAt)
            {
                await destination.WriteAsync(buffer.WrittenMemory, cancellation);
                buffer.ResetWrittenCount();
            }
        }

        await destination.WriteAsync(buffer.WrittenMemory, cancellation);
        await destination.FlushAsync(cancellation);
    }

    /// <summary>Reads the header of an export.</summary>
    /// <param name="source">Read from where it stands; not closed.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LogExportException">The first line is no header (<c>export.header</c>).</exception>
    public static async Task<LogExport> OpenAsync(Stream source, CancellationToken cancellation = default)
    {
        var lines = new LineReader(source);
        ReadOnlyMemory<byte> line;
        while (!lines.TryTake(out line))
        {
            if (!await lines.FillAsync(cancellation))
            {
                throw new LogExportException(LogExportErrorCodes.Header, 1, "the file is empty");
            }
        }

        return new LogExport(lines, ExportLine.ReadHeader(line));
    }

    /// <summary>Reads the entries, once. That they are a log is for <see cref="ChainVerifier"/> to say.</summary>
    /// <exception cref="LogExportException">A line is not an entry's.</exception>
    public async IAsyncEnumerable<StoredEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Editors and shells add line breaks at the end of a file; anywhere else an empty line is not an entry.
        long? empty = null;
        do
        {
            while (_lines.TryTake(out var line))
            {
                if (line.Span is [] or [(byte)'\r'])
                {
                    empty ??= _lines.Line;
                    continue;
                }

                if (empty is { } number)
                {
                    throw new LogExportException(LogExportErrorCodes.MalformedLine, number, "the line is empty");
                }

                yield return ExportLine.Read(line.Span, _lines.Line);
            }
        }
        while (await _lines.FillAsync(cancellation));
    }

    /// <summary>Reads and verifies the rest of the export.</summary>
    /// <param name="verifier">Begun where the export is to begin.</param>
    /// <param name="cancellation">Ends the verification.</param>
    /// <exception cref="LogExportException">A line is not an entry's.</exception>
    public async Task<VerifyReport> VerifyAsync(ChainVerifier verifier, CancellationToken cancellation = default)
    {
        await foreach (var entry in ReadAsync(cancellation))
        {
            verifier.Add(entry);
        }

        return verifier.Finish();
    }
}
