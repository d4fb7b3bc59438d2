using Countersign.Engine.Sqlite;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class PatienceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Execute_LockHeldByAnotherConnection_WaitsUntilItIsLetGo()
    {
        using var holder = Connection.Open(_folder["journal.db"], readOnly: false);
        using var waiter = Connection.Open(_folder["journal.db"], readOnly: false);
        holder.Execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");

        var waiting = Task.Run(() => waiter.Execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(2); COMMIT"));
        holder.Execute("COMMIT");
        await waiting;

        Assert.Equal(2, holder.Number("SELECT count(*) FROM t"));
    }

    [Fact]
    public void Waited_AnyNumberOfCalls_IsTheSumOfTheirSleeps()
    {
        var sum = 0;
        for (var times = 0; times < 400; times++)
        {
            Assert.Equal(sum, Patience.Waited(times));
            sum += Math.Min(times, 20);
        }

        Assert.True(Patience.Waited(400) > Patience.Longest);
    }
}
