using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// One commit on its way through the writer. Everything that does not depend on the log's end is computed on the caller's
/// thread. Requests are used again: 80,000 a second would otherwise be as many tasks.
/// </summary>
internal sealed class CommitRequest : IValueTaskSource<CommitReceipt>
{
    private const int Kept = 1024;

    private static readonly ConcurrentQueue<CommitRequest> Pool = new();

    private ManualResetValueTaskSourceCore<CommitReceipt> _core = new() { RunContinuationsAsynchronously = true };
    private EntryWork[] _work = new EntryWork[4];
    private readonly List<ReadOnlyMemory<byte>> _values = [];
    private CommitReceipt _receipt;
    private Exception? _failure;
    private CancellationTokenRegistration _watch;
    private int _answered;
    private int _holders;

    public string Tenant { get; private set; } = "";

    public LedgerCommit Commit { get; private set; } = new();

    public long CallHash { get; private set; }

    /// <summary>The values of the commit's rows as they are stored, in their order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> StoredValues => _values;

    /// <summary>The answer of the commit's call as it is stored; null where it has none.</summary>
    public ReadOnlyMemory<byte>? StoredAnswer { get; private set; }

    /// <summary>What is known of the entries, in their order.</summary>
    public Span<EntryWork> Work => _work.AsSpan(0, Commit.Entries.Length);

    public ValueTask<CommitReceipt> Task => new(this, _core.Version);

    public bool Repeated => _receipt.Repeated;

    /// <summary>Whether it succeeded and wrote something.</summary>
    public bool Wrote => _failure is null && !_receipt.Repeated;

    /// <summary>Takes a request for a commit; the caller awaits <see cref="Task"/> exactly once.</summary>
    /// <exception cref="EntryFormatException">An entry has an empty payload.</exception>
    public static CommitRequest For(string tenant, LedgerCommit commit, JournalCipher cipher)
    {
        if (!Pool.TryDequeue(out var request))
        {
            request = new CommitRequest();
        }

        request.Tenant = tenant;
        request.Commit = commit;
        request._holders = 2;
        request.Prepare(cipher);
        return request;
    }

    public void Succeed(CommitReceipt receipt) => _receipt = receipt;

    public void Fail(Exception failure) => _failure = failure;

    /// <summary>Lets the caller go, with <see cref="OperationCanceledException"/>, when a token fires; the commit may still happen.</summary>
    public void GiveUpOn(CancellationToken cancellationToken) => _watch = cancellationToken.UnsafeRegister(
        static (request, token) => ((CommitRequest)request!).GiveUp(token), this);

    /// <summary>Hands the outcome to the caller, unless it gave up. The request is no longer the writer's from here on.</summary>
    public void Answer()
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
        {
            if (_failure is { } failure)
            {
                _core.SetException(failure);
            }
            else
            {
                _core.SetResult(_receipt);
            }
        }

        LetGo();
    }

    public CommitReceipt GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            // Waits for a token that is firing: it must not find the next use of the request.
            _watch.Dispose();
            LetGo();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Prepare(JournalCipher cipher)
    {
        var entries = Commit.Entries;
        if (_work.Length < entries.Length)
        {
            _work = new EntryWork[entries.Length];
        }

        for (var i = 0; i < entries.Length; i++)
        {
            _work[i] = EntryWork.For(Tenant, entries[i]);
        }

        _values.Clear();
        foreach (var row in Commit.Rows)
        {
            _values.Add(row.Value is { } value ? cipher.Encrypt(value, row.Key) : default);
        }

        StoredAnswer = Commit.Call is { Answer: { } answer } answered ? cipher.Encrypt(answer, answered.Key, answered.Run) : default(ReadOnlyMemory<byte>?);
        CallHash = Commit.Call is { } call ? JournalKeys.Call(Tenant, call.Key) : 0;
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
        {
            _core.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    // The writer and the caller both hold it; the last one of them gives it back.
    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Release();
        }
    }

    private void Release()
    {
        _core.Reset();
        _answered = 0;
        _watch = default;
        _failure = null;
        _receipt = default;
        Commit = Nothing;
        _values.Clear();
        StoredAnswer = null;
        if (Pool.Count < Kept)
        {
            Pool.Enqueue(this);
        }
    }

    private static readonly LedgerCommit Nothing = new();
}
