using Countersign.Azure;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Egress;
using Countersign.Functions.Hosting;
using Countersign.Functions.Runs;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Functions.Tests.Hub;

/// <summary>The conformance suite on Durable Task over the storage emulator, its worker in a process that crashes are kills of.</summary>
public abstract class OnTheHub(HubProcess hub) : EngineConformance
{
    private AzureStores? stores;

    protected HubProcess Hub => hub;

    protected AzureStores Stores => stores!;

    protected DurableEngine Engine => new(hub.Client, Under.Core.Rows, NullLogger.Instance);

    protected override TimeSpan Patience => TimeSpan.FromMinutes(2);

    protected override TimeSpan Glance => TimeSpan.FromMilliseconds(100);

    // Worker, storage and tests share two processors: the full sizes are for the embedded engine.
    protected override int Crowd => 50;

    protected override int Steps => 200;

    protected override int Width => 50;

    protected override async Task<EngineUnderTest> StartEngineAsync(string remoteAddress)
    {
        stores = await AzureStores.CreateAsync(
            new AzureStoresOptions { ConnectionString = hub.ConnectionString, ArtifactKey = HubProcess.ArtifactKey, Prefix = hub.Name });
        var core = new CoreServices(new CoreParts
        {
            Ledger = stores.Ledger,
            Artifacts = stores.Artifacts,
            Executors =
            [
                new EmitExecutor(),
                new ApiCallExecutor(
                    new EgressHandler(new EgressOptions { Allowed = ["127.0.0.1:*"] }), new SettingSecrets(new ConfigurationBuilder().Build()), TimeProvider.System),
            ],
        });
        var under = new EngineUnderTest(core, new DurableEngine(hub.Client, core.Rows, NullLogger.Instance));
        return under with
        {
            SharesExecutions = false,
            CrashAsync = async () =>
            {
                await hub.RestartAsync();
                return under;
            },
            ForgeHistoryAsync = async run => await stores.Ledger.CommitAsync(run.Tenant, new LedgerCommit
            {
                Call = new CallRecord(run.Id, "approve:1:1", 1, "forged", new CallAnswer { Key = "ghost:1:1", Result = CallResult.Succeeded }.ToBytes()),
            }),
        };
    }

    public override async Task DisposeAsync()
    {
        hub.LedgerTables.Decide = (_, _) => Countersign.Tests.Tools.Fault.None;
        await base.DisposeAsync();
        await Stores.Ledger.DisposeAsync();
    }
}
