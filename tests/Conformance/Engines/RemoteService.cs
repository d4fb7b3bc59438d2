using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Conformance.Engines;

/// <summary>One call that the remote side received.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Body">Its body.</param>
/// <param name="IdempotencyKey">Its key, if it had one.</param>
/// <param name="TraceParent">Its <c>traceparent</c>, if it had one.</param>
public sealed record RemoteCall(string Method, string Path, string Body, string? IdempotencyKey, string? TraceParent);

/// <summary>
/// A real HTTP server that stands for the outside world: it counts what it receives, and answers as it was told. Tests count its
/// calls, not our rows.
/// </summary>
public sealed class RemoteService : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<RemoteCall> calls = new();
    private readonly ConcurrentDictionary<string, Func<RemoteCall, int, Task<(int Status, string Body)>>> answers = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> garbled = new(StringComparer.Ordinal);

    private RemoteService(WebApplication app) => this.app = app;

    /// <summary>Its address, such as <c>http://127.0.0.1:40123</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Everything that it received, in order.</summary>
    public IReadOnlyList<RemoteCall> Calls => [.. calls];

    /// <summary>Starts one on a free port of the loopback interface.</summary>
    public static async Task<RemoteService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var service = new RemoteService(app);
        app.Run(service.AnswerAsync);
        await app.StartAsync();
        service.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return service;
    }

    /// <summary>The calls to a path.</summary>
    public IReadOnlyList<RemoteCall> CallsTo(string path) => [.. calls.Where(call => call.Path == path)];

    /// <summary>Says how a path is answered: given the call and how many came before it.</summary>
    public void On(string path, Func<RemoteCall, int, Task<(int Status, string Body)>> answer) => answers[path] = answer;

    /// <summary>Keeps the callers of a path waiting until the result is completed, and answers them all the same.</summary>
    public TaskCompletionSource Hold(string path, string body = "{}", int status = 200)
    {
        var release = new TaskCompletionSource();
        On(path, async (_, _) =>
        {
            await release.Task;
            return (status, body);
        });
        return release;
    }

    /// <summary>Says how a path is answered.</summary>
    public void On(string path, int status, string body) => On(path, (_, _) => Task.FromResult((status, body)));

    /// <summary>Answers a path with a status and a body that cannot be decoded: the caller knows the status only, and may try again.</summary>
    public void Garble(string path, int status)
    {
        garbled[path] = true;
        On(path, status, "{");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var call = new RemoteCall(
            context.Request.Method,
            context.Request.Path,
            await reader.ReadToEndAsync(),
            context.Request.Headers.TryGetValue("Idempotency-Key", out var key) ? key.ToString() : null,
            context.Request.Headers.TryGetValue("traceparent", out var trace) ? trace.ToString() : null);
        var before = CallsTo(call.Path).Count;
        calls.Enqueue(call);
        var (status, body) = answers.TryGetValue(call.Path, out var answer)
            ? await answer(call, before)
            : (200, JsonSerializer.Serialize(new { path = call.Path, number = before + 1 }));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (garbled.ContainsKey(call.Path))
        {
            context.Response.Headers.ContentEncoding = "br";
        }

        await context.Response.WriteAsync(body);
    }
}
