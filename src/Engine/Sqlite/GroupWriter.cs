using System.Globalization;
using System.Runtime.InteropServices;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// Decides and writes the commits of one group inside one transaction. Each commit sees those before it. What is found to
/// be refused is found before the commit's first write, so a refusal leaves nothing to take back.
/// </summary>
internal sealed class GroupWriter
{
    private const long MicrosecondTicks = 10;
    private const int StampBits = 40;
    private const int MaxHeads = 10_000;

    private readonly JournalTables _tables;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, TenantHead> _heads = new(StringComparer.Ordinal);
    private byte[] _buffer = new byte[4 * EntryFormat.MaxLength];
    private long _nextStamp;
    private long _nextEntry;
    private long _nextCall;

    /// <param name="connection">The writer's connection, its tables prepared.</param>
    /// <param name="opening">The number of this opening of the file, so that no version of a row ever comes twice.</param>
    /// <param name="time">Where entries get their time from.</param>
    public GroupWriter(Connection connection, long opening, TimeProvider time)
    {
        _tables = new JournalTables(connection);
        _time = time;
        _nextStamp = opening << StampBits;
        _nextEntry = connection.Number("SELECT coalesce(max(id), 0) FROM entry") + 1;
        _nextCall = connection.Number("SELECT coalesce(max(id), 0) FROM call") + 1;
    }

    public SqliteLedgerStatistics Statistics { get; private set; }

    /// <summary>Writes a group. On any exception nothing of it is in the file, and the writer knows nothing about it any more.</summary>
    public void Write(List<CommitRequest> group)
    {
        var before = Statistics;
        if (_heads.Count > MaxHeads)
        {
            _heads.Clear();
        }

        try
        {
            _tables.Begin();
            var now = (_time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / MicrosecondTicks;
            foreach (var request in CollectionsMarshal.AsSpan(group))
            {
                Apply(request, now);
            }

            _tables.Commit();
            Statistics = Statistics with { Commits = Statistics.Commits + 1, Requests = Statistics.Requests + group.Count };
        }
        catch
        {
            _heads.Clear();
            Statistics = before;
            throw;
        }
    }

    private void Apply(CommitRequest request, long now)
    {
        var commit = request.Commit;
        var head = Head(request.Tenant);
        var allThere = !commit.Entries.IsEmpty && AllThere(request);
        var mismatch = allThere && commit.Call is null ? null : Mismatch(head?.Number ?? 0, request);

        // A call that is not on record was never committed, although other commits wrote all entries that ride on it.
        if (allThere && (commit.Call is null || mismatch is not null))
        {
            Statistics = Statistics with { Repeats = Statistics.Repeats + 1 };
            request.Succeed(new CommitReceipt(Repeated: true, head?.Sequence ?? 0));
            return;
        }

        if (mismatch is { } key)
        {
            Statistics = Statistics with { Conflicts = Statistics.Conflicts + 1 };
            request.Fail(new LedgerConflictException(key));
            return;
        }

        var time = Math.Max(now, head?.Time ?? 0);
        if (!TryEncode(request, head, time, out var hash))
        {
            return;
        }

        head ??= AddTenant(request.Tenant);
        WriteEntries(request, head, time, hash);
        WriteRows(request, head.Number);
        var call = WriteCall(request, head.Number);
        request.Succeed(new CommitReceipt(Repeated: false, head.Sequence, call));
    }

    private TenantHead? Head(string tenant)
    {
        if (_heads.TryGetValue(tenant, out var head))
        {
            return head;
        }

        return _tables.FindTenant(tenant) is { } number ? _heads[tenant] = _tables.ReadHead(tenant, number) : null;
    }

    private TenantHead AddTenant(string tenant) => _heads[tenant] = new TenantHead(tenant, _tables.AddTenant(tenant));

    private bool AllThere(CommitRequest request)
    {
        var entries = request.Commit.Entries;
        var work = request.Work;
        var all = true;
        for (var i = 0; i < work.Length; i++)
        {
            work[i].IsThere = _tables.HasEvent(entries[i].Run, work[i].Event);
            all &= work[i].IsThere;
        }

        return all;
    }

    /// <summary>The key of the first row or call that is not as expected.</summary>
    private string? Mismatch(long tenant, CommitRequest request)
    {
        foreach (var row in request.Commit.Rows)
        {
            if (row.Condition != RowCondition.None)
            {
                var version = _tables.RowVersion(tenant, row.Key);
                if (row.Condition == RowCondition.Absent ? version != 0 : !JournalTables.Is(version, row.ExpectedVersion))
                {
                    return row.Key;
                }
            }
        }

        if (request.Commit.Call is not { } call)
        {
            return null;
        }

        var newest = _tables.NewestCall(tenant, call, request.CallHash);
        return (call.ExpectedVersion is null ? newest == 0 : JournalTables.Is(newest, call.ExpectedVersion)) ? null : call.Key;
    }

    /// <summary>Gives the new entries their places and bytes; refuses the request where one cannot be written down.</summary>
    private bool TryEncode(CommitRequest request, TenantHead? head, long time, out Hash256 hash)
    {
        hash = head?.Hash ?? Hash256.Zero;
        var sequence = head?.Sequence ?? 0;
        var entries = request.Commit.Entries;
        var work = request.Work;
        var end = 0;
        try
        {
            for (var i = 0; i < work.Length; i++)
            {
                if (!work[i].IsThere)
                {
                    var position = new EntryPosition(request.Tenant, ++sequence, hash, time);
                    var length = EntryCodec.Encode(entries[i], position, work[i].PayloadHash, Room(end));
                    hash = Hash256.Of(_buffer.AsSpan(end, length));
                    work[i].Bytes = end..(end + length);
                    end += length;
                }
            }

            return true;
        }
        catch (EntryFormatException refused)
        {
            request.Fail(refused);
            return false;
        }
    }

    private Span<byte> Room(int start)
    {
        if (_buffer.Length - start < EntryFormat.MaxLength)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        return _buffer.AsSpan(start);
    }

    private void WriteEntries(CommitRequest request, TenantHead head, long time, Hash256 hash)
    {
        var entries = request.Commit.Entries;
        var work = request.Work;
        var (written, bytes) = (0, 0L);
        for (var i = 0; i < work.Length; i++)
        {
            if (!work[i].IsThere)
            {
                var encoded = _buffer.AsSpan(work[i].Bytes);
                (head.Sequence, head.Time) = (head.Sequence + 1, time);
                _tables.AddEntry(_nextEntry++, head, entries[i], work[i], encoded);
                written++;
                bytes += encoded.Length + entries[i].Payload.Length;
            }
        }

        if (written > 0)
        {
            head.Hash = hash;
            Statistics = Statistics with { Entries = Statistics.Entries + written, Bytes = Statistics.Bytes + bytes };
        }
    }

    private void WriteRows(CommitRequest request, long tenant)
    {
        var commit = request.Commit;
        if (commit.Rows.IsEmpty)
        {
            return;
        }

        var bytes = 0L;
        for (var i = 0; i < commit.Rows.Length; i++)
        {
            var row = commit.Rows[i];
            if (row.Value is not null)
            {
                var value = request.StoredValues[i];
                _tables.PutRow(tenant, row.Key, ++_nextStamp, value.Span);
                bytes += value.Length;
            }
            else
            {
                _tables.DeleteRow(tenant, row.Key);
            }
        }

        Statistics = Statistics with { Rows = Statistics.Rows + commit.Rows.Length, Bytes = Statistics.Bytes + bytes };
    }

    /// <returns>The version of the record that was written.</returns>
    private string? WriteCall(CommitRequest request, long tenant)
    {
        if (request.Commit.Call is not { } call)
        {
            return null;
        }

        var id = _nextCall++;
        _tables.AddCall(id, tenant, call, request.StoredAnswer, request.CallHash);
        Statistics = Statistics with { Calls = Statistics.Calls + 1, Bytes = Statistics.Bytes + (request.StoredAnswer?.Length ?? 0) };
        return id.ToString(CultureInfo.InvariantCulture);
    }
}
