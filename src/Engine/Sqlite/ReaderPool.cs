using System.Collections.Concurrent;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>Reading connections, kept for the next read. A read never waits for the writer, nor for another read.</summary>
internal sealed class ReaderPool(string path, int kept, int cacheKibibytes, JournalCipher cipher) : IDisposable
{
    private readonly ConcurrentStack<LedgerReader> _idle = new();
    private volatile bool _closed;

    /// <summary>Reads with a connection of one's own.</summary>
    /// <exception cref="LedgerUnavailableException">SQLite could not read.</exception>
    public TResult Read<TState, TResult>(TState state, Func<LedgerReader, TState, TResult> read)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(SqliteLedger));
        LedgerReader? reader = null;
        try
        {
            reader = _idle.TryPop(out var idle) ? idle : new LedgerReader(path, cacheKibibytes, cipher);
            var result = read(reader, state);
            Return(reader);
            return result;
        }
        catch (SqliteException error)
        {
            reader?.Dispose();
            throw new LedgerUnavailableException($"The journal could not be read: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryPop(out var reader))
        {
            reader.Dispose();
        }
    }

    private void Return(LedgerReader reader)
    {
        if (_closed || _idle.Count >= kept)
        {
            reader.Dispose();
            return;
        }

        _idle.Push(reader);
    }
}
