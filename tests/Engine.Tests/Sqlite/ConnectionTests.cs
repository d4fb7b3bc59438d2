using System.Diagnostics;
using Countersign.Engine.Sqlite;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class ConnectionTests : IDisposable
{
    // A lock is tried again within milliseconds: a library that sleeps in whole seconds would need at least one.
    private static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(900);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LibraryVersion_Bundle_HasTheMendedCheckpoints()
    {
        // Before 3.51.3 two checkpoints in a row could lose committed pages (https://sqlite.org/wal.html#walresetbug).
        Assert.True(Version.Parse(Connection.LibraryVersion) >= new Version(3, 51, 3), Connection.LibraryVersion);
    }

    [Fact]
    public async Task Execute_LockHeldByAnotherConnection_WaitsUntilItIsReleased()
    {
        using var holder = Connection.Open(_folder["journal.db"], readOnly: false);
        using var waiter = Connection.Open(_folder["journal.db"], readOnly: false);
        holder.Execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");

        using var entered = new ManualResetEventSlim();
        var waiting = Task.Run(() =>
        {
            entered.Set();
            waiter.Execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(2); COMMIT");
        });
        entered.Wait();
        await Task.Delay(50);
        var released = Stopwatch.GetTimestamp();
        holder.Execute("COMMIT");
        await waiting;

        Assert.True(Stopwatch.GetElapsedTime(released) < Prompt, $"waited {Stopwatch.GetElapsedTime(released)}");
        Assert.Equal(2, holder.Number("SELECT count(*) FROM t"));
    }

    [Fact]
    public void Frames_CommitAndCheckpoint_GrowAndStartAgain()
    {
        using var connection = Connection.Open(_folder["journal.db"], readOnly: false);
        connection.Execute("PRAGMA journal_mode=WAL");
        connection.LeaveCheckpoints();
        connection.Execute("CREATE TABLE t(x BLOB)");
        var created = connection.Frames();
        connection.Execute("INSERT INTO t VALUES(zeroblob(100000))");
        var grown = connection.Frames();

        Assert.InRange(created, 1, 4);
        Assert.InRange(grown, created + 24, created + 40);

        connection.Checkpoint();
        connection.Execute("INSERT INTO t VALUES(1)");

        Assert.InRange(connection.Frames(), 1, 4);
    }

    [Fact]
    public void Bind_EmptyValues_AreNotNull()
    {
        using var connection = Connection.Open(_folder["journal.db"], readOnly: false);
        using var statement = connection.Prepare("SELECT typeof(?1) || length(?1), typeof(?2) || length(?2), ?3");

        Assert.True(statement.Bind(1, "").Bind(2, ReadOnlySpan<byte>.Empty).BindNull(3).Step());

        Assert.Equal("text0", statement.String(0));
        Assert.Equal("blob0", statement.String(1));
        Assert.True(statement.IsNull(2));
    }

    [Fact]
    public void Open_FolderDoesNotExist_SaysWhy()
    {
        var error = Assert.Throws<SqliteException>(() => Connection.Open(Path.Combine(_folder["no"], "journal.db"), readOnly: false));

        Assert.Contains("unable to open database file", error.Message, StringComparison.Ordinal);
    }
}
