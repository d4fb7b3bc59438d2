using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Core.Tests.Egress;

/// <summary>What a server was asked.</summary>
internal sealed record Asked(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A real HTTP server on this machine, which answers as told and remembers what it was asked.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalServer(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public string Target => $"127.0.0.1:{Port}";

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public static async Task<LocalServer> StartAsync(Func<HttpContext, Asked, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        LocalServer? server = null;
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var asked = new Asked(context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "", headers, await reader.ReadToEndAsync());
            server!.Requests.Enqueue(asked);
            await answer(context, asked);
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server = new LocalServer(app, new Uri(address).Port);
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal static class Answers
{
    public static Task Json(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    public static Task Redirect(this HttpContext context, string location, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    }

    public static async Task Cut(this HttpContext context, string begin, string type = "application/json")
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = begin.Length + 100;
        await context.Response.WriteAsync(begin);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
