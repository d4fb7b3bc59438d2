namespace Countersign.Ledger;

/// <summary>Cuts a stream into lines in bounded memory. A line is valid until the next one is read.</summary>
internal sealed class LineReader(Stream source)
{
    public const int MaxLineLength = 16 * 1024 * 1024;

    private byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _searched;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Number of the line last given, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Gives a line that is already in memory, without its line feed; false when more must be read.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        var feed = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (feed < 0 && !(_isAtEnd && _start < _end))
        {
            _searched = _end;
            line = default;
            return false;
        }

        Line++;
        var end = feed < 0 ? _end : _searched + feed;
        line = _buffer.AsMemory(_start, end - _start);
        _start = feed < 0 ? end : end + 1;
        _searched = _start;
        return true;
    }

    /// <summary>Reads more; false when the stream has ended and nothing is left.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_isAtEnd)
        {
            return false;
        }

        MakeRoom();
        var read = await source.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _isAtEnd = read == 0;
        return read > 0 || _start < _end;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _searched, _end) = (0, _searched - _start, _end - _start);
            return;
        }

        if (_end >= MaxLineLength)
        {
            throw new LogExportException(LogExportErrorCodes.LineTooLong, Line + 1, $"the line is longer than {MaxLineLength} bytes");
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
