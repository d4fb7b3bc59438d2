using System.Runtime.InteropServices;
using System.Text;

namespace Countersign.Engine.Sqlite;

/// <summary>One connection to a journal file. Used by one thread at a time.</summary>
internal sealed unsafe class Connection : IDisposable
{
    private const int PageNotThere = 0;

    private readonly List<Statement> _statements = [];
    private int* _frames;
    private nint _handle;

    private Connection(nint handle) => _handle = handle;

    public bool InTransaction => Native.GetAutocommit(_handle) == 0;

    public long LastInsertRowId => Native.LastInsertRowId(_handle);

    /// <summary>Frames in the write-ahead log after the newest commit of this connection; see <see cref="CountFrames"/>.</summary>
    public int Frames => _frames is null ? PageNotThere : *_frames;

    /// <summary>Opens the file, creating it where there is none.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static Connection Open(string path, bool readOnly)
    {
        var flags = Native.OpenNoMutex | (readOnly ? Native.OpenReadOnly : Native.OpenReadWrite | Native.OpenCreate);
        var result = Native.Open(path, out var handle, flags, Patience.Vfs);
        var connection = new Connection(handle);
        if (result != Native.Ok)
        {
            var error = handle == 0 ? new SqliteException(result, "out of memory") : connection.Error(result);
            connection.Dispose();
            throw error;
        }

        connection.Check(Native.ExtendedResultCodes(handle, 1));
        connection.Check(Native.BusyHandler(handle, &Patience.Busy, null));
        return connection;
    }

    /// <summary>Takes checkpoints away from commits and counts frames instead.</summary>
    public void CountFrames()
    {
        _frames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _ = Native.WalHook(_handle, &Native.NoteFrames, _frames);
    }

    /// <summary>Copies what it can of the write-ahead log into the database without waiting for anybody.</summary>
    public void Checkpoint()
    {
        var result = Native.WalCheckpoint(_handle, 0, Native.CheckpointPassive, out _, out _);
        if (result != Native.Ok && (result & 0xFF) != Native.Busy)
        {
            throw Error(result);
        }
    }

    public Statement Prepare(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        nint statement;
        fixed (byte* pointer = bytes)
        {
            Check(Native.Prepare(_handle, pointer, bytes.Length, Native.PreparePersistent, out statement, 0));
        }

        var prepared = new Statement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements separated by semicolons that answer nothing, or nothing of interest.</summary>
    public void Execute(string script)
    {
        foreach (var sql in script.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            using var statement = Prepare(sql);
            while (statement.Step())
            {
            }
        }
    }

    /// <summary>The first column of the first row.</summary>
    public long Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    public SqliteException Error(int result) =>
        new(result, Marshal.PtrToStringUTF8((nint)Native.ErrorMessage(_handle)) ?? "");

    public void Forget(Statement statement) => _statements.Remove(statement);

    public void Dispose()
    {
        foreach (var statement in _statements.ToArray())
        {
            statement.Dispose();
        }

        if (_handle != 0)
        {
            _ = Native.Close(_handle);
            _handle = 0;
        }

        if (_frames is not null)
        {
            NativeMemory.Free(_frames);
            _frames = null;
        }
    }

    private void Check(int result)
    {
        if (result != Native.Ok)
        {
            throw Error(result);
        }
    }
}
