using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// The one thread that writes. Callers add to a list; the thread takes what is there, writes it in one transaction and
/// answers: the busier the ledger, the more commits share one fsync.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly Lock _published = new();
    private readonly object _gate = new();
    private readonly SemaphoreSlim _room;
    private readonly int _groupLimit;
    private readonly Connection _connection;
    private readonly GroupWriter _groups;
    private readonly Checkpointer _checkpointer;
    private readonly Thread _thread;
    private Queue<CommitRequest> _waiting = new();
    private SqliteLedgerStatistics _statistics;
    private bool _stopping;

    public JournalWriter(Connection connection, GroupWriter groups, Checkpointer checkpointer, SqliteLedgerOptions options)
    {
        (_connection, _groups, _checkpointer) = (connection, groups, checkpointer);
        _room = new SemaphoreSlim(options.QueueLimit);
        _groupLimit = options.GroupLimit;
        _thread = new Thread(Run) { IsBackground = true, Name = "journal writer" };
        _thread.Start();
    }

    /// <summary>Told of every commit that wrote something.</summary>
    public Action<string, LedgerCommit>? Committed { get; set; }

    public SqliteLedgerStatistics Statistics
    {
        get
        {
            lock (_published)
            {
                return _statistics;
            }
        }
    }

    /// <summary>Takes a request in, waiting for room where the queue is full.</summary>
    public ValueTask<CommitReceipt> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        if (!_room.Wait(0, CancellationToken.None))
        {
            return CommitWhenThereIsRoom(request, cancellationToken);
        }

        Enqueue(request);
        request.GiveUpOn(cancellationToken);
        return request.Task;
    }

    /// <summary>Writes what was taken in, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private async ValueTask<CommitReceipt> CommitWhenThereIsRoom(CommitRequest request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        Enqueue(request);
        request.GiveUpOn(cancellationToken);
        return await request.Task;
    }

    private void Enqueue(CommitRequest request)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                // Whoever waits for room gets it, to be told the same.
                _room.Release();
                throw new ObjectDisposedException(typeof(SqliteLedger).FullName);
            }

            _waiting.Enqueue(request);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Run()
    {
        var taken = new Queue<CommitRequest>();
        var group = new List<CommitRequest>(_groupLimit);
        while (Take(ref taken))
        {
            while (taken.Count > 0)
            {
                while (group.Count < _groupLimit && taken.TryDequeue(out var request))
                {
                    group.Add(request);
                }

                Write(group);
                group.Clear();
            }
        }
    }

    private bool Take(ref Queue<CommitRequest> taken)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (taken, _waiting) = (_waiting, taken);
            return true;
        }
    }

    private void Write(List<CommitRequest> group)
    {
        try
        {
            _groups.Write(group);
        }
        catch (Exception error)
        {
            TakeBack();
            FailAll(group, error);
        }

        lock (_published)
        {
            _statistics = _groups.Statistics;
        }

        _room.Release(group.Count);
        if (Committed is { } committed)
        {
            foreach (var request in group)
            {
                if (request.Wrote)
                {
                    committed(request.Tenant, request.Commit);
                }
            }
        }

        foreach (var request in group)
        {
            request.Answer();
        }

        _checkpointer.AfterCommit(_connection);
    }

    // A full disk ends the transaction by itself, other errors leave it open.
    private void TakeBack()
    {
        try
        {
            if (_connection.InTransaction)
            {
                _connection.Execute("ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // The transaction is not in the file either way; the next one begins with the same answer or a better one.
        }
    }

    private static void FailAll(List<CommitRequest> group, Exception error)
    {
        foreach (var request in group)
        {
            request.Fail(new LedgerUnavailableException($"The journal could not be written: {error.Message}", error));
        }
    }
}
