using System.Reflection;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Api.Tests;

public sealed class ReadinessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-ready-").FullName;
    private readonly SteppedTime time = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task AskAsync_ManyAtOnce_WriteOnceUntilTheAnswerIsOld()
    {
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = Path.Combine(folder, "journal.db") });
        var readiness = new Readiness(ledger, time);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => readiness.AskAsync(CancellationToken.None))), Assert.True);
        Assert.Equal(1, ledger.Statistics.Requests);

        time.Step(Readiness.Holds);
        Assert.True(await readiness.AskAsync(CancellationToken.None));
        Assert.Equal(2, ledger.Statistics.Requests);
    }

    [Fact]
    public async Task AskAsync_LedgerTakesNoWrite_IsNotReady() =>
        Assert.False(await new Readiness(DispatchProxy.Create<ILedger, Full>(), time).AskAsync(CancellationToken.None));

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1852", Justification = "A proxy is made by deriving from it.")]
    private class Full : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new LedgerUnavailableException("The disk is full.");
    }
}
