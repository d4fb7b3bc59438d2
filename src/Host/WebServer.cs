using System.Net.Sockets;
using Countersign.Api;
using Countersign.Host.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Host;

/// <summary>The HTTP interface on Kestrel.</summary>
public sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebServer(WebApplication app, string address) => (this.app, Address) = (app, address);

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Its services: the route table is among them.</summary>
    internal IServiceProvider Services => app.Services;

    /// <summary>Starts to listen.</summary>
    /// <param name="host">What it serves.</param>
    /// <param name="url">Where, such as <c>http://127.0.0.1:8080</c>; port 0 takes a free one.</param>
    /// <param name="log">Where it logs to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<WebServer> StartAsync(LocalHost host, string url, ILoggerFactory log, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(log);
        builder.Services.AddRouting();
        builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = CountersignApi.MaxBody;
        });
        var app = builder.Build();
        app.UseCountersign(host.Api);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception refused) when (refused is IOException or SocketException or InvalidOperationException)
        {
            await app.DisposeAsync();
            throw ListenAddress.Refused(url, refused);
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new WebServer(app, address);
    }

    /// <summary>Takes no new request, ends the event streams, and gives open requests a while to end.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        using var limit = new CancellationTokenSource(grace);
        await app.StopAsync(limit.Token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();
}
