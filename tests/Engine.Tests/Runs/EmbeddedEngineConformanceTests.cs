using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Engine.Tests.Runs;

public sealed class EmbeddedEngineConformanceTests : EngineConformance
{
    private readonly TempFolder folder = new();
    private DataFolder? data;
    private SqliteLedger? ledger;
    private EmbeddedEngine? engine;

    protected override async Task<EngineUnderTest> StartEngineAsync(string remoteAddress)
    {
        var data = DataFolder.Open(folder.Path, TimeProvider.System);
        var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        var artifacts = FileArtifactStore.Open(data);
        var core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = artifacts, Executors = Executors(remoteAddress) });
        var engine = new EmbeddedEngine(
            new EmbeddedEngineParts
            {
                Ledger = ledger,
                Workflows = core.Workflows,
                Executors = core.Executors,
                Activities = core.Activities,
                Sweep = core.Sweep,
            },
            new EmbeddedEngineOptions { SweepInterval = TimeSpan.FromMilliseconds(500), ContinueAsNewAfter = 12 },
            NullLogger<EmbeddedEngine>.Instance);
        await engine.StartAsync();
        (this.data, this.ledger, this.engine) = (data, ledger, engine);
        return new EngineUnderTest(core, engine)
        {
            CrashAsync = async () =>
            {
                await CloseAsync();
                return await StartEngineAsync(remoteAddress);
            },
            ForgeHistoryAsync = async run => await ledger.CommitAsync(run.Tenant, new LedgerCommit
            {
                Call = new CallRecord(run.Id, "ghost:1:1", 1, "forged", new CallAnswer { Key = "ghost:1:1", Result = CallResult.Succeeded }.ToBytes()),
            }),
        };
    }

    public override async Task DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
        folder.Dispose();
    }

    private static System.Collections.Immutable.ImmutableArray<IStepExecutor> Executors(string remoteAddress) => TestExecutors.All(remoteAddress);

    private async Task CloseAsync()
    {
        await engine!.DisposeAsync();
        await ledger!.DisposeAsync();
        data!.Dispose();
    }
}
