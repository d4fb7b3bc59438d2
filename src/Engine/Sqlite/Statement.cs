using System.Buffers;
using System.Text;

namespace Countersign.Engine.Sqlite;

/// <summary>A prepared statement: bind by position from 1, step, read by column from 0, reset.</summary>
internal sealed unsafe class Statement : IDisposable
{
    private const int OnStack = 512;

    private readonly Connection _connection;
    private nint _handle;

    public Statement(Connection connection, nint handle) => (_connection, _handle) = (connection, handle);

    public Statement Bind(int index, long value)
    {
        Check(Native.BindInt64(_handle, index, value));
        return this;
    }

    /// <summary>Binds bytes; none at all become an empty blob, not NULL.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        byte nothing = 0;
        fixed (byte* pointer = value)
        {
            Check(Native.BindBlob(_handle, index, pointer is null ? &nothing : pointer, value.Length, Native.Transient));
        }

        return this;
    }

    public Statement BindNull(int index)
    {
        Check(Native.BindNull(_handle, index));
        return this;
    }

    /// <summary>Binds text, which is well-formed: half of a surrogate pair would become another character.</summary>
    public Statement Bind(int index, string value)
    {
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

    /// <summary>Goes to the next row.</summary>
    /// <returns>False after the last one.</returns>
    public bool Step()
    {
        var result = Native.Step(_handle);
        return result switch
        {
            Native.Row => true,
            Native.Done => false,
            _ => throw Failed(result),
        };
    }

    /// <summary>Runs a statement that answers no rows, and makes it ready for the next time.</summary>
    public void Run()
    {
        var result = Native.Step(_handle);
        if (result != Native.Done)
        {
            throw Failed(result);
        }

        _ = Native.Reset(_handle);
    }

    /// <summary>Ends the read, so that its snapshot is let go.</summary>
    public void Reset() => _ = Native.Reset(_handle);

    public bool IsNull(int column) => Native.ColumnType(_handle, column) == Native.TypeNull;

    public long Int64(int column) => Native.ColumnInt64(_handle, column);

    /// <summary>A column's bytes, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var pointer = Native.ColumnBlob(_handle, column);
        return new ReadOnlySpan<byte>(pointer, Native.ColumnBytes(_handle, column));
    }

    public string String(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = Native.Finalize(_handle);
            _handle = 0;
            _connection.Forget(this);
        }
    }

    private Statement Text(int index, ReadOnlySpan<byte> utf8)
    {
        byte nothing = 0;
        fixed (byte* pointer = utf8)
        {
            Check(Native.BindText(_handle, index, pointer is null ? &nothing : pointer, utf8.Length, Native.Transient));
        }

        return this;
    }

    private SqliteException Failed(int result)
    {
        var error = _connection.Error(result);
        _ = Native.Reset(_handle);
        return error;
    }

    private void Check(int result)
    {
        if (result != Native.Ok)
        {
            throw _connection.Error(result);
        }
    }
}
