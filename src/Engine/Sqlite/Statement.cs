using System.Buffers;
using System.Text;
using SQLitePCL;

namespace Countersign.Engine.Sqlite;

/// <summary>A prepared statement: bind by position from 1, step, read by column from 0, reset.</summary>
internal sealed class Statement : IDisposable
{
    private const int OnStack = 512;

    private readonly Connection _connection;
    private readonly sqlite3_stmt _handle;
    private bool _disposed;

    public Statement(Connection connection, sqlite3_stmt handle) => (_connection, _handle) = (connection, handle);

    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_handle, index, value));
        return this;
    }

    /// <summary>Binds bytes; an empty span becomes an empty blob, not NULL.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_handle, index, 0) : raw.sqlite3_bind_blob(_handle, index, value));
        return this;
    }

    public Statement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(_handle, index));
        return this;
    }

    /// <summary>Binds well-formed text: half of a surrogate pair would become another character.</summary>
    public Statement Bind(int index, string value)
    {
        if (value.Length == 0)
        {
            Check(raw.sqlite3_bind_text(_handle, index, ""));
            return this;
        }

        var bound = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (bound <= OnStack)
        {
            Span<byte> small = stackalloc byte[OnStack];
            return Text(index, small[..Encoding.UTF8.GetBytes(value, small)]);
        }

        var large = ArrayPool<byte>.Shared.Rent(bound);
        try
        {
            return Text(index, large.AsSpan(0, Encoding.UTF8.GetBytes(value, large)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>False after the last one.</returns>
    public bool Step()
    {
        var result = raw.sqlite3_step(_handle);
        return result switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failed(result),
        };
    }

    /// <summary>Runs a statement that returns no rows, and resets it for the next use.</summary>
    public void Run()
    {
        var result = raw.sqlite3_step(_handle);
        if (result != raw.SQLITE_DONE)
        {
            throw Failed(result);
        }

        _ = raw.sqlite3_reset(_handle);
    }

    /// <summary>Ends the read and releases its snapshot.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    /// <summary>A column's bytes, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_handle, column);

    public string String(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _handle.Dispose();
            _connection.Forget(this);
        }
    }

    private Statement Text(int index, ReadOnlySpan<byte> utf8)
    {
        Check(raw.sqlite3_bind_text(_handle, index, utf8));
        return this;
    }

    private SqliteException Failed(int result)
    {
        var error = _connection.Error(result);
        _ = raw.sqlite3_reset(_handle);
        return error;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw _connection.Error(result);
        }
    }
}
