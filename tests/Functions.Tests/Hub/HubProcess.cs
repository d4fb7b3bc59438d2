using System.Diagnostics;
using Countersign.Conformance.Engines;
using Countersign.Functions.Worker;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests.Hub;

/// <summary>Durable Task with the app's functions in a process of its own, over a storage emulator of its own; one for each test class.</summary>
public sealed class HubProcess : IAsyncLifetime
{
    private readonly Azurite azurite = new();
    private Process? process;

    /// <summary>The name of the hub, and the prefix of the ledger's tables.</summary>
    public string Name { get; } = "h" + Guid.NewGuid().ToString("N")[..16];

    /// <summary>The account, as the tests reach it.</summary>
    public string ConnectionString => azurite.ConnectionString;

    /// <summary>The key of the artifacts.</summary>
    public static string ArtifactKey => FunctionsHost.ArtifactKey;

    /// <summary>What the worker's way to the ledger's tables does to requests.</summary>
    public FaultProxy LedgerTables { get; private set; } = null!;

    /// <summary>The hub, as the tests reach it.</summary>
    public HubClient Client { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (AzuriteInstallation.Script is null)
        {
            return;
        }

        await azurite.InitializeAsync();
        LedgerTables = await FaultProxy.StartAsync(azurite.TableAddress);
        var hub = TaskHub.Open(ConnectionString, Name);
        await hub.CreateIfNotExistsAsync();
        Client = new HubClient(hub);
        await StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await KillAsync();
        await (LedgerTables?.DisposeAsync() ?? ValueTask.CompletedTask);
        await azurite.DisposeAsync();
    }

    /// <summary>Kills the worker without warning and starts another one.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>Kills the worker without warning.</summary>
    public async Task KillAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            process = null;
        }
    }

    /// <summary>Starts a worker.</summary>
    public async Task StartAsync()
    {
        // Its errors go to the test's own, and its input ends with the test process.
        var start = new ProcessStartInfo("dotnet", [typeof(TaskHub).Assembly.Location]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["AzureWebJobsStorage"] = ConnectionString;
        start.Environment["COUNTERSIGN_STORAGE"] = azurite.Through(LedgerTables.Address);
        start.Environment["HUB_NAME"] = Name;
        start.Environment["COUNTERSIGN_PREFIX"] = Name;
        start.Environment["COUNTERSIGN_ARTIFACT_KEY"] = ArtifactKey;
        start.Environment["COUNTERSIGN_EGRESS_ALLOWED"] = "127.0.0.1:*";
        start.Environment["COUNTERSIGN_CONTINUE_AS_NEW_AFTER"] = "12";
        start.Environment[$"COUNTERSIGN_SECRET__{EngineConformance.SecretTenant}__{EngineConformance.BoundSecret}"] = "c4nary-value";
        start.Environment[$"COUNTERSIGN_SECRET_FOR__{EngineConformance.SecretTenant}__{EngineConformance.BoundSecret}"] = EngineConformance.BoundOrigin;
        process = Process.Start(start)!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
    }
}
