using Countersign.Access;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Functions.Hosting;
using Countersign.Ledger;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests.Hub;

/// <summary>The first key of a deployment, and an app that starts while its storage account is away.</summary>
[NeedsAzurite]
public sealed class FirstKeyTests(Azurite azurite) : IClassFixture<Azurite>
{
    private AzureStoresOptions Options(string? account = null) => new()
    {
        ConnectionString = account ?? azurite.ConnectionString,
        ArtifactKey = FunctionsHost.ArtifactKey,
        Prefix = "k" + Guid.NewGuid().ToString("N")[..16],
    };

    [Fact]
    public async Task MakeFirstKey_TenRequestsAtOnce_MakeOneAdminKey()
    {
        var options = Options();
        var stores = await AzureStores.CreateAsync(options);
        var hosts = Enumerable.Range(0, 2).Select(_ => new HttpInterface(Core(stores), options)).ToArray();

        var made = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => hosts[i % 2].MakeFirstKeyAsync(default))));

        var key = Assert.Single(made, key => key is not null);
        Assert.True((await new ApiKeys(stores.Ledger, TimeProvider.System).AuthenticateAsync(key!))!.Is(Role.Admin));
        Assert.Single(await stores.Ledger.ScanRowsAsync("$keys", "key|", null, 100));
        Assert.Null(await hosts[0].MakeFirstKeyAsync(default));
    }

    [Fact]
    public async Task Open_AccountIsAway_StartsAndServesWhenItIsBack()
    {
        await using var proxy = await FaultProxy.StartAsync(azurite.TableAddress);
        proxy.Decide = (_, _) => Fault.Gone;
        var stores = AzureStores.Open(Options(azurite.Through(proxy.Address)));
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await stores.Ledger.ReadHeadAsync("acme"));

        proxy.Decide = (_, _) => Fault.None;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await stores.Ledger.CommitAsync("acme", new LedgerCommit { Rows = [RowWrite.Put("row", "{}"u8.ToArray())] }, patience.Token);
                break;
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(100, patience.Token);
            }
        }

        Assert.NotNull(await stores.Ledger.ReadRowAsync("acme", "row"));
    }

    private static CoreServices Core(AzureStores stores) => new(new CoreParts { Ledger = stores.Ledger, Artifacts = stores.Artifacts, Executors = [] });
}
