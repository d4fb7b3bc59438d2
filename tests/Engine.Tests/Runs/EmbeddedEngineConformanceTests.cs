using Countersign.Ai;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Egress;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Engine.Tests.Runs;

public sealed class EmbeddedEngineConformanceTests : EngineConformance
{
    private readonly TempFolder folder = new();
    private DataFolder? data;
    private SqliteLedger? ledger;
    private EmbeddedEngine? engine;
    private EgressHandler? egress;
    private FileSecretStore? secrets;

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

    private System.Collections.Immutable.ImmutableArray<IStepExecutor> Executors(string remoteAddress)
    {
        egress = new EgressHandler(new EgressOptions { Allowed = [new Uri(remoteAddress).Authority] });
        secrets = new FileSecretStore(Path.Combine(folder.Path, "secrets"), new byte[FileSecretStore.KeyLength]);
        return [new EmitExecutor(), new ApiCallExecutor(egress, secrets, TimeProvider.System), new AiGenerateExecutor(ModelCatalog.MockOnly, TimeProvider.System)];
    }

    private async Task CloseAsync()
    {
        await engine!.DisposeAsync();
        await ledger!.DisposeAsync();
        data!.Dispose();
        egress!.Dispose();
        secrets!.Dispose();
    }
}
