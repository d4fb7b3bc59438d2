using Countersign.Azure;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Egress;
using Countersign.Functions.Hosting;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Tests.Tools;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Tests.Runs;

[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class DurableEngineConformanceTests(FunctionsHost host) : EngineConformance
{
    private AzureStores? stores;

    // After a crash the host's successor waits for the leases of the task hub to expire: a minute.
    protected override TimeSpan Patience => TimeSpan.FromMinutes(2);

    protected override TimeSpan Glance => TimeSpan.FromMilliseconds(150);

    // On a small machine host, worker and storage share the processor: the full sizes are for the long form.
    protected override int Crowd => IsLong ? base.Crowd : 50;

    protected override int Steps => IsLong ? base.Steps : 200;

    protected override int Width => IsLong ? base.Width : 50;

    private static bool IsLong => Environment.GetEnvironmentVariable("COUNTERSIGN_LONG") == "1";

    protected override async Task<EngineUnderTest> StartEngineAsync(string remoteAddress)
    {
        stores = await AzureStores.CreateAsync(new AzureStoresOptions { ConnectionString = host.ConnectionString, ArtifactKey = FunctionsHost.ArtifactKey });
        var egress = new EgressHandler(new EgressOptions { Allowed = ["127.0.0.1:*"] });
        var secrets = new SettingSecrets(new ConfigurationBuilder().Build());
        var core = new CoreServices(new CoreParts
        {
            Ledger = stores.Ledger,
            Artifacts = stores.Artifacts,
            Executors = [new EmitExecutor(), new ApiCallExecutor(egress, secrets, TimeProvider.System)],
        });
        var under = new EngineUnderTest(core, new RemoteEngine(host.Client));
        return under with
        {
            SharesExecutions = false,
            CrashAsync = async () =>
            {
                await host.RestartAsync();
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
        await base.DisposeAsync();
        await stores!.Ledger.DisposeAsync();
    }
}
