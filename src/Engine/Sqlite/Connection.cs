using System.Text;
using SQLitePCL;

namespace Countersign.Engine.Sqlite;

/// <summary>One connection to a journal file. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>How long a statement waits for a lock before it fails.</summary>
    private const int BusyMilliseconds = 5_000;

    // SQLITE_CHECKPOINT_NOOP, since SQLite 3.51: the size of the write-ahead log, and nothing is copied.
    private const int CheckpointNothing = -1;

    private const uint PreparePersistent = 1;

    private readonly List<Statement> _statements = [];
    private readonly sqlite3 _handle;

    static Connection() => Batteries_V2.Init();

    private Connection(sqlite3 handle) => _handle = handle;

    /// <summary>The version of the SQLite library, such as <c>3.53.4</c>.</summary>
    public static string LibraryVersion => raw.sqlite3_libversion().utf8_to_string();

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public long LastInsertRowId => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>Opens the file and creates it if it does not exist.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static Connection Open(string path, bool readOnly)
    {
        var flags = raw.SQLITE_OPEN_NOMUTEX
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var result = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var connection = new Connection(handle);
        if (result != raw.SQLITE_OK)
        {
            var error = connection.Error(result);
            connection.Dispose();
            throw error;
        }

        connection.Check(raw.sqlite3_extended_result_codes(handle, 1));
        connection.Check(raw.sqlite3_busy_timeout(handle, BusyMilliseconds));
        return connection;
    }

    /// <summary>Turns off the checkpoints that SQLite makes within a commit; see <see cref="Checkpointer"/>.</summary>
    public void LeaveCheckpoints() => Check(raw.sqlite3_wal_autocheckpoint(_handle, 0));

    /// <summary>Frames in the write-ahead log; 0 without a log.</summary>
    public int Frames()
    {
        var result = raw.sqlite3_wal_checkpoint_v2(_handle, null, CheckpointNothing, out var frames, out _);
        return IsBusy(result) ? 0 : result == raw.SQLITE_OK ? Math.Max(0, frames) : throw Error(result);
    }

    /// <summary>Copies the frames of the write-ahead log into the database that no reader needs, without waiting for a lock.</summary>
    public void Checkpoint()
    {
        var result = raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if (result != raw.SQLITE_OK && !IsBusy(result))
        {
            throw Error(result);
        }
    }

    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, Encoding.UTF8.GetBytes(sql), PreparePersistent, out var statement));
        var prepared = new Statement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements separated by semicolons and ignores their rows.</summary>
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
        new(result, _handle is { IsInvalid: false } ? raw.sqlite3_errmsg(_handle).utf8_to_string() : "out of memory");

    public void Forget(Statement statement) => _statements.Remove(statement);

    public void Dispose()
    {
        foreach (var statement in _statements.ToArray())
        {
            statement.Dispose();
        }

        _handle?.Dispose();
    }

    private static bool IsBusy(int result) => (result & 0xFF) == raw.SQLITE_BUSY;

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Error(result);
        }
    }
}
