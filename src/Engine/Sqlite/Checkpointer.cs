namespace Countersign.Engine.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database. Most of it is copied by a thread of its own while commits go on; only
/// the little that came in meanwhile is copied between two groups, after which the log starts again from its beginning.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const int Idle = 0;
    private const int Copying = 1;
    private const int Copied = 2;

    private readonly AutoResetEvent _wanted = new(false);
    private readonly Connection _connection;
    private readonly Thread _thread;
    private readonly int _pages;
    private volatile bool _stopping;
    private int _state;

    public Checkpointer(Connection connection, int pages)
    {
        (_connection, _pages) = (connection, pages);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal checkpoint" };
        _thread.Start();
    }

    /// <summary>Called by the writer between groups.</summary>
    public void AfterCommit(Connection writer)
    {
        if (writer.Frames() < _pages)
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _state, Copying, Idle) == Idle)
        {
            _wanted.Set();
        }
        else if (Interlocked.CompareExchange(ref _state, Idle, Copied) == Copied)
        {
            Attempt(writer);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wanted.Set();
        _thread.Join();
        _wanted.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        while (_wanted.WaitOne() && !_stopping)
        {
            Attempt(_connection);
            Attempt(_connection);
            Volatile.Write(ref _state, Copied);
        }
    }

    // A checkpoint that fails (disk full) loses nothing: the log keeps growing, and writes tell callers what is wrong.
    private static void Attempt(Connection connection)
    {
        try
        {
            connection.Checkpoint();
        }
        catch (SqliteException)
        {
        }
    }
}
