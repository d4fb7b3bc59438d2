using Countersign.Host;
using Countersign.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Features.Tests;

/// <summary>
/// The host that the scenarios talk to, over HTTP alone: the one at COUNTERSIGN_BASE_URL (with COUNTERSIGN_KEY, an admin's key; it must allow
/// <c>127.0.0.1:*</c>, where the scenarios' services are), or one of our own on a free port.
/// </summary>
public sealed class HostUnderTest : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "countersign-features-" + Guid.NewGuid().ToString("N"));
    private LocalHost? host;
    private WebServer? server;

    /// <summary>Where it is.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>An admin's key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>The host's ledger, where it is one of our own.</summary>
    internal ILedger? Ledger => host?.Core.Parts.Ledger;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_BASE_URL") is { Length: > 0 } address)
        {
            Address = new Uri(address);
            AdminKey = Environment.GetEnvironmentVariable("COUNTERSIGN_KEY") ?? throw new InvalidOperationException("COUNTERSIGN_BASE_URL wants COUNTERSIGN_KEY, an admin's key.");
            return;
        }

        host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder, AllowedTargets = ["127.0.0.1:*"] }, NullLoggerFactory.Instance);
        server = await WebServer.StartAsync(host, "http://127.0.0.1:0", NullLoggerFactory.Instance);
        Address = new Uri(server.Address);
        AdminKey = (await host.MakeFirstKeyAsync())!;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (host is not null)
        {
            await server!.DisposeAsync();
            await host.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
