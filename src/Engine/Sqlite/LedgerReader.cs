using System.Globalization;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>One reading connection with its statements. Each read is one snapshot that holds every commit acknowledged before it.</summary>
internal sealed class LedgerReader : IDisposable
{
    private readonly Connection _connection;
    private readonly JournalCipher _cipher;
    private readonly Statement _tenant;
    private readonly Statement _tenants;
    private readonly Statement _row;
    private readonly Statement _rows;
    private readonly Statement _due;
    private readonly Statement _call;
    private readonly Statement _runCalls;
    private readonly Statement _head;
    private readonly Statement _place;
    private readonly Statement _entries;
    private readonly Statement _entry;
    private readonly Statement _runIds;
    private readonly Statement _runTail;

    public LedgerReader(string path, int cacheKibibytes, JournalCipher cipher)
    {
        _cipher = cipher;
        _connection = Connection.Open(path, readOnly: true);
        _connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{cacheKibibytes}"));
        _tenant = _connection.Prepare("SELECT number FROM tenant WHERE name = ?1");
        _tenants = _connection.Prepare("SELECT name FROM tenant ORDER BY number");
        _row = _connection.Prepare("SELECT key, value, version FROM row WHERE tenant = ?1 AND key = ?2");
        _rows = _connection.Prepare(
            "SELECT key, value, version FROM row WHERE tenant = ?1 AND key >= ?2 ORDER BY key LIMIT ?3");
        _due = _connection.Prepare(
            "SELECT row.key, row.value, row.version, tenant.name FROM row INDEXED BY row_due CROSS JOIN tenant"
            + " WHERE row.key >= 'due|' AND row.key < 'due}' AND tenant.number = row.tenant ORDER BY row.key, row.tenant LIMIT ?1");
        _call = _connection.Prepare(
            "SELECT id, tenant, key, number, nonce, answer FROM call WHERE run = ?1 AND hash = ?2 ORDER BY id DESC");
        _runCalls = _connection.Prepare(
            "SELECT id, tenant, key, number, nonce, answer FROM call"
            + " WHERE id IN (SELECT id FROM call INDEXED BY call_key WHERE run = ?1) ORDER BY id");
        _head = _connection.Prepare("SELECT seq, bytes FROM entry WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1");
        _place = _connection.Prepare("SELECT time, id FROM entry WHERE tenant = ?1 AND seq = ?2");
        _entries = _connection.Prepare(
            "SELECT bytes, salt, payload FROM entry WHERE tenant = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3");
        _entry = _connection.Prepare("SELECT bytes, salt, payload FROM entry WHERE id = ?1 AND tenant = ?2");
        _runIds = _connection.Prepare("SELECT id FROM entry INDEXED BY entry_event WHERE run = ?1 AND id > ?2");
        _runTail = _connection.Prepare(
            "SELECT bytes, salt, payload FROM entry INDEXED BY entry_place WHERE tenant = ?1 AND seq > ?2 AND +run = ?3 ORDER BY seq LIMIT ?4");
    }

    public void Dispose() => _connection.Dispose();

    public long? Tenant(string name)
    {
        using var read = new Read(_tenant.Bind(1, name));
        return _tenant.Step() ? _tenant.Int64(0) : null;
    }

    public IReadOnlyList<string> Tenants()
    {
        var names = new List<string>();
        using var read = new Read(_tenants);
        while (_tenants.Step())
        {
            names.Add(_tenants.String(0));
        }

        return names;
    }

    public Row? Row(long tenant, string key)
    {
        using var read = new Read(_row.Bind(1, tenant).Bind(2, key));
        return _row.Step() ? RowOf(_row) : null;
    }

    public List<Row> Rows(long tenant, string prefix, string? after, int limit)
    {
        // One lower bound: of two, SQLite seeks by one and reads everything from there to the other. The first key after another has a NUL more.
        var first = after is not null && string.CompareOrdinal(after, prefix) >= 0 ? after + "\0" : prefix;
        var rows = new List<Row>(Math.Min(limit, 64));
        using var read = new Read(_rows.Bind(1, tenant).Bind(2, first).Bind(3, limit));
        while (_rows.Step())
        {
            var row = RowOf(_rows);
            if (!row.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }

            rows.Add(row);
        }

        return rows;
    }

    public List<DueRow> Due(string before, int limit)
    {
        var rows = new List<DueRow>(Math.Min(limit, 64));
        using var read = new Read(_due.Bind(1, limit));
        while (_due.Step())
        {
            // In order of time, so nothing after this is due; as a second bound of the query, SQLite might read all there is.
            var row = RowOf(_due);
            if (string.CompareOrdinal(row.Key, before) >= 0)
            {
                break;
            }

            rows.Add(new DueRow(_due.String(3), row));
        }

        return rows;
    }

    public CallRecord? Call(long tenant, string run, string key, long hash)
    {
        using var read = new Read(_call.BindRun(1, run).Bind(2, hash));
        while (_call.Step())
        {
            if (_call.Int64(1) == tenant && CallOf(_call, run) is { } call && call.Key == key)
            {
                return call;
            }
        }

        return null;
    }

    public List<CallRecord> RunCalls(long tenant, string run)
    {
        var calls = new List<CallRecord>();
        using var read = new Read(_runCalls.BindRun(1, run));
        while (_runCalls.Step())
        {
            if (_runCalls.Int64(1) == tenant)
            {
                calls.Add(CallOf(_runCalls, run));
            }
        }

        return calls;
    }

    public LogHead Head(long tenant)
    {
        using var read = new Read(_head.Bind(1, tenant));
        return _head.Step() ? new LogHead(_head.Int64(0), Hash256.Of(_head.Bytes(1))) : default;
    }

    public long Time(long tenant, long sequence)
    {
        using var read = new Read(_place.Bind(1, tenant).Bind(2, sequence));
        return _place.Step() ? _place.Int64(0) : long.MaxValue;
    }

    public List<StoredEntry> Entries(long tenant, long from, int limit)
    {
        var entries = new List<StoredEntry>(Math.Min(limit, 64));
        using var read = new Read(_entries.Bind(1, tenant).Bind(2, from).Bind(3, limit));
        while (_entries.Step())
        {
            entries.Add(EntryOf(_entries));
        }

        return entries;
    }

    /// <summary>A run's entries where only few entries of any run are newer: those are read through.</summary>
    public List<StoredEntry> RunTail(long tenant, string run, long after, int limit)
    {
        var entries = new List<StoredEntry>();
        using var read = new Read(_runTail.Bind(1, tenant).Bind(2, after).BindRun(3, run).Bind(4, limit));
        while (_runTail.Step())
        {
            entries.Add(EntryOf(_runTail));
        }

        return entries;
    }

    /// <summary>A run's entries by the index of events, which has them all side by side but not in order.</summary>
    public List<StoredEntry> RunEntries(long tenant, string run, long after, int limit)
    {
        var ids = RunIds(run, after == 0 ? 0 : IdOf(tenant, after));
        var entries = new List<StoredEntry>(Math.Min(ids.Count, limit));
        for (var i = 0; i < ids.Count && entries.Count < limit; i++)
        {
            using var read = new Read(_entry.Bind(1, ids[i]).Bind(2, tenant));
            if (_entry.Step())
            {
                entries.Add(EntryOf(_entry));
            }
        }

        return entries;
    }

    private long IdOf(long tenant, long sequence)
    {
        using var read = new Read(_place.Bind(1, tenant).Bind(2, sequence));
        return _place.Step() ? _place.Int64(1) : long.MaxValue;
    }

    private List<long> RunIds(string run, long after)
    {
        var ids = new List<long>();
        using var read = new Read(_runIds.BindRun(1, run).Bind(2, after));
        while (_runIds.Step())
        {
            ids.Add(_runIds.Int64(0));
        }

        ids.Sort();
        return ids;
    }

    private static string Version(long version) => version.ToString(CultureInfo.InvariantCulture);

    private Row RowOf(Statement row)
    {
        var key = row.String(0);
        return new(key, _cipher.Read(row.Bytes(1), key), Version(row.Int64(2)));
    }

    private CallRecord CallOf(Statement call, string run)
    {
        var key = call.String(2);
        return new(
            run,
            key,
            (int)call.Int64(3),
            call.String(4),
            call.IsNull(5) ? default(ReadOnlyMemory<byte>?) : _cipher.Read(call.Bytes(5), key, run),
            Version: Version(call.Int64(0)));
    }

    // One array for the three: a page of a thousand entries is a thousand arrays, not three thousand.
    private static StoredEntry EntryOf(Statement entry)
    {
        var bytes = entry.Bytes(0);
        var salt = entry.Bytes(1);
        var payload = entry.Bytes(2);
        var all = new byte[bytes.Length + salt.Length + payload.Length];
        bytes.CopyTo(all);
        salt.CopyTo(all.AsSpan(bytes.Length));
        payload.CopyTo(all.AsSpan(bytes.Length + salt.Length));
        return new StoredEntry(
            all.AsMemory(0, bytes.Length),
            all.AsMemory(bytes.Length, salt.Length),
            all.AsMemory(bytes.Length + salt.Length, payload.Length));
    }

    /// <summary>Ends a read's snapshot however the read ends.</summary>
    private readonly ref struct Read(Statement statement)
    {
        public void Dispose() => statement.Reset();
    }
}
