using System.Text;

namespace Countersign.Host.Terminal;

/// <summary>
/// A writer that makes visible what a terminal would obey, line feeds and tabs apart. It stands before standard output and standard error, for
/// what other code prints there: help, complaints about arguments, log lines.
/// </summary>
/// <param name="inner">Receives the text.</param>
internal sealed class VisibleWriter(TextWriter inner) : TextWriter
{
    private readonly Lock writing = new();
    private char high;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + "\n");

    /// <inheritdoc/>
    public override void WriteLine() => Write("\n");

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (writing)
        {
            var text = high == '\0' ? buffer.ToString() : high + buffer.ToString();
            high = text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[^1] : '\0';
            text = high == '\0' ? text : text[..^1];
            var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\t');
            inner.Write(string.Join('\t', lines.Select(VisibleText.OfLines)));
        }
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
