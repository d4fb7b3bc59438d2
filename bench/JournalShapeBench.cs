using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Countersign.Engine.Sqlite;

namespace Countersign.Bench;

/// <summary>
/// What SQLite itself can do with the rows of one step (an entry of 350 + 110 bytes and a call of 100), on one thread and
/// in groups, for different shapes of the journal's tables. This is the limit that <see cref="JournalBench"/> is held against.
/// </summary>
public static class JournalShapeBench
{
    private const int Alive = 64;

    private static readonly byte[] Bytes = new byte[350];
    private static readonly byte[] Payload = new byte[110];
    private static readonly byte[] Answer = new byte[50];

    /// <summary>Runs all shapes and prints one line for each.</summary>
    public static void Run()
    {
        const string Entry = "CREATE TABLE entry(id INTEGER PRIMARY KEY, tenant INTEGER, seq INTEGER, run BLOB, event BLOB, time INTEGER, bytes BLOB, salt BLOB, payload BLOB);";
        const string Call = "CREATE TABLE call(id INTEGER PRIMARY KEY, tenant INTEGER, run BLOB, hash INTEGER, key TEXT, number INTEGER, nonce TEXT, answer BLOB);";
        const string Place = "CREATE UNIQUE INDEX entry_place ON entry(tenant, seq);";
        const string Event = "CREATE UNIQUE INDEX entry_event ON entry(run, event);";
        const string Key = "CREATE INDEX call_key ON call(run, hash);";
        const string Journal = Entry + Call + Place + Event + Key;
        var byTenant = Entry.Replace("id INTEGER PRIMARY KEY", "id INTEGER", StringComparison.Ordinal)
            .Replace("payload BLOB)", "payload BLOB, PRIMARY KEY(tenant, seq)) WITHOUT ROWID", StringComparison.Ordinal) + Call + Event + Key;
        var byRun = Entry.Replace("id INTEGER PRIMARY KEY", "id INTEGER", StringComparison.Ordinal)
            .Replace("payload BLOB)", "payload BLOB, PRIMARY KEY(run, event)) WITHOUT ROWID", StringComparison.Ordinal) + Call + Place + Key;
        Console.WriteLine("64 runs of 10 steps alive, groups of 50");
        Measure("rows alone", Entry + Call);
        Measure("+ place(tenant, seq)", Entry + Call + Place);
        Measure("+ event(run, event)", Entry + Call + Event);
        Measure("+ event(event)", Entry + Call + "CREATE UNIQUE INDEX entry_event ON entry(event)");
        Measure("+ call(run, hash)", Entry + Call + Key);
        Measure("+ call(run, key)", Entry + Call + "CREATE INDEX call_key ON call(run, key)");
        Measure("all three", Journal);
        Measure("the journal: looked up", Journal, lookups: true);
        Measure("groups of 1", Journal, lookups: true, group: 1, requests: 10_000);
        Measure("groups of 500", Journal, lookups: true, group: 500);
        Measure("+ entry(run)", Journal + "CREATE INDEX entry_run ON entry(run)", lookups: true);
        Measure("+ entry(tenant, type)", Journal + "CREATE INDEX entry_type ON entry(tenant, substr(bytes, 1, 2))", lookups: true);
        Measure("64 tenants", Journal, lookups: true, tenants: 64);
        Measure("by tenant, 1", byTenant, lookups: true);
        Measure("by tenant, 64", byTenant, lookups: true, tenants: 64);
        Measure("by run", byRun, lookups: true);
        Console.WriteLine("64 runs of 10,000 steps alive, groups of 50");
        Measure("the journal: looked up", Journal, lookups: true, runLength: 10_000);
        Measure("by run", byRun, lookups: true, runLength: 10_000);
    }

    private static void Measure(
        string name, string schema, bool lookups = false, int group = 50, int tenants = 1, int runLength = 10, int requests = 100_000)
    {
        var folder = Directory.CreateTempSubdirectory("journal-shape-");
        try
        {
            using var connection = Connection.Open(Path.Combine(folder.FullName, "shape.db"), readOnly: false);
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768");
            connection.Execute(schema);
            connection.LeaveCheckpoints();
            var processor = Environment.CpuUsage.TotalTime;
            var started = Stopwatch.GetTimestamp();
            Write(connection, requests, runLength, lookups, group, tenants);
            var elapsed = Stopwatch.GetElapsedTime(started);
            processor = Environment.CpuUsage.TotalTime - processor;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-24} {requests / elapsed.TotalSeconds,9:N0} requests/s  {processor.TotalMicroseconds / requests,6:N2} µs CPU  {connection.Frames() / (double)requests,6:N2} pages"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(Connection connection, int requests, int runLength, bool lookups, int group, int tenants)
    {
        using var entry = connection.Prepare("INSERT INTO entry(id, run, event, time, bytes, salt, payload, tenant, seq) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1)");
        using var call = connection.Prepare("INSERT INTO call(id, tenant, run, hash, key, number, nonce, answer) VALUES(?1, 1, ?2, ?3, ?4, 1, ?5, ?6)");
        using var findEvent = connection.Prepare("SELECT 1 FROM entry WHERE run = ?1 AND event = ?2");
        using var findCall = connection.Prepare("SELECT id, tenant, key FROM call WHERE run = ?1 AND hash = ?2 ORDER BY id DESC");
        using var begin = connection.Prepare("BEGIN IMMEDIATE");
        using var commit = connection.Prepare("COMMIT");
        var runs = new byte[Alive][];
        Span<byte> id = stackalloc byte[32];
        for (var i = 0; i < requests; i++)
        {
            if (i % group == 0)
            {
                begin.Run();
            }

            var slot = i % Alive;
            var step = i / Alive % runLength;
            runs[slot] = step == 0 ? Guid.CreateVersion7().ToByteArray(bigEndian: true) : runs[slot];
            BinaryPrimitives.WriteInt64BigEndian(id, i);
            SHA256.HashData(id[..8], id);
            if (lookups)
            {
                findEvent.Bind(1, runs[slot]).Bind(2, id[..16]).Step();
                findEvent.Reset();
                findCall.Bind(1, runs[slot]).Bind(2, BinaryPrimitives.ReadInt64BigEndian(id)).Step();
                findCall.Reset();
            }

            entry.Bind(1, i + 1).Bind(8, 1 + (slot % tenants)).Bind(2, runs[slot]).Bind(3, id[..16]).Bind(4, 1_790_000_000_000_000 + i)
                .Bind(5, Bytes).Bind(6, id[16..]).Bind(7, Payload).Run();
            call.Bind(1, i + 1).Bind(2, runs[slot]).Bind(3, BinaryPrimitives.ReadInt64BigEndian(id))
                .Bind(4, string.Create(CultureInfo.InvariantCulture, $"steps/work-{step}/1/1")).Bind(5, "0195a3c27b1e7c44b6a1d0e5f2a39c01").Bind(6, Answer).Run();
            if (i % group == group - 1)
            {
                commit.Run();
            }
        }

        if (connection.InTransaction)
        {
            commit.Run();
        }
    }
}
