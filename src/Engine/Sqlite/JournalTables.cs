using System.Buffers.Binary;
using System.Globalization;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>The writer's statements, one method each. All of them run inside the writer's transaction.</summary>
internal sealed class JournalTables
{
    private readonly Connection _connection;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _findTenant;
    private readonly Statement _addTenant;
    private readonly Statement _head;
    private readonly Statement _findEvent;
    private readonly Statement _addEntry;
    private readonly Statement _findCall;
    private readonly Statement _addCall;
    private readonly Statement _findRow;
    private readonly Statement _putRow;
    private readonly Statement _deleteRow;

    public JournalTables(Connection connection)
    {
        _connection = connection;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _findTenant = connection.Prepare("SELECT number FROM tenant WHERE name = ?1");
        _addTenant = connection.Prepare("INSERT INTO tenant(name) VALUES(?1)");
        _head = connection.Prepare("SELECT seq, time, bytes FROM entry WHERE tenant = ?1 ORDER BY seq DESC LIMIT 1");
        _findEvent = connection.Prepare("SELECT 1 FROM entry WHERE run = ?1 AND event = ?2");
        _addEntry = connection.Prepare(
            "INSERT INTO entry(id, run, event, time, bytes, salt, payload, tenant, seq) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        _findCall = connection.Prepare("SELECT id, tenant, key FROM call WHERE run = ?1 AND hash = ?2 ORDER BY id DESC");
        _addCall = connection.Prepare(
            "INSERT INTO call(id, tenant, run, hash, key, number, nonce, answer) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _findRow = connection.Prepare("SELECT version FROM row WHERE tenant = ?1 AND key = ?2");
        _putRow = connection.Prepare(
            "INSERT INTO row(tenant, key, version, value) VALUES(?1, ?2, ?3, ?4)"
            + " ON CONFLICT(tenant, key) DO UPDATE SET version = excluded.version, value = excluded.value");
        _deleteRow = connection.Prepare("DELETE FROM row WHERE tenant = ?1 AND key = ?2");
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public long? FindTenant(string name)
    {
        var found = _findTenant.Bind(1, name).Step() ? _findTenant.Int64(0) : (long?)null;
        _findTenant.Reset();
        return found;
    }

    public long AddTenant(string name)
    {
        _addTenant.Bind(1, name).Run();
        return _connection.LastInsertRowId;
    }

    public TenantHead ReadHead(string name, long number)
    {
        var head = new TenantHead(name, number);
        if (_head.Bind(1, number).Step())
        {
            head.Sequence = _head.Int64(0);
            head.Time = _head.Int64(1);
            head.Hash = Hash256.Of(_head.Bytes(2));
        }

        _head.Reset();
        return head;
    }

    public bool HasEvent(string run, UInt128 id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        var found = _findEvent.BindRun(1, run).Bind(2, bytes).Step();
        _findEvent.Reset();
        return found;
    }

    public void AddEntry(long id, TenantHead place, EntryDraft draft, in EntryWork work, ReadOnlySpan<byte> bytes)
    {
        Span<byte> key = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(key, work.Event);
        Span<byte> salt = stackalloc byte[PayloadHash.SaltLength];
        BinaryPrimitives.WriteUInt128BigEndian(salt, work.Salt);
        _addEntry.Bind(1, id).BindRun(2, draft.Run).Bind(3, key).Bind(4, place.Time).Bind(5, bytes).Bind(6, salt)
            .Bind(7, draft.Payload.Span).Bind(8, place.Number).Bind(9, place.Sequence).Run();
    }

    /// <summary>The id of a call's newest record; 0 where there is none.</summary>
    public long NewestCall(long tenant, CallRecord call, long hash)
    {
        var found = 0L;
        _findCall.BindRun(1, call.Run).Bind(2, hash);
        while (found == 0 && _findCall.Step())
        {
            if (_findCall.Int64(1) == tenant && _findCall.String(2) == call.Key)
            {
                found = _findCall.Int64(0);
            }
        }

        _findCall.Reset();
        return found;
    }

    public void AddCall(long id, long tenant, CallRecord call, ReadOnlyMemory<byte>? stored, long hash)
    {
        _addCall.Bind(1, id).Bind(2, tenant).BindRun(3, call.Run).Bind(4, hash).Bind(5, call.Key).Bind(6, call.Number)
            .Bind(7, call.Nonce);
        if (stored is { } answer)
        {
            _addCall.Bind(8, answer.Span);
        }
        else
        {
            _addCall.BindNull(8);
        }

        _addCall.Run();
    }

    /// <summary>A row's version; 0 where there is no row.</summary>
    public long RowVersion(long tenant, string key)
    {
        var found = _findRow.Bind(1, tenant).Bind(2, key).Step() ? _findRow.Int64(0) : 0;
        _findRow.Reset();
        return found;
    }

    public void PutRow(long tenant, string key, long version, ReadOnlySpan<byte> value) =>
        _putRow.Bind(1, tenant).Bind(2, key).Bind(3, version).Bind(4, value).Run();

    public void DeleteRow(long tenant, string key) => _deleteRow.Bind(1, tenant).Bind(2, key).Run();

    /// <summary>How a version looks outside; a text that is none equals no version.</summary>
    public static bool Is(long version, string? text) =>
        version != 0 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == version;
}
