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

namespace Countersign.Api.Tests;

/// <summary>A real server with the chat interface; what it says is the test's.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private ModelServer(WebApplication app) => this.app = app;

    public string Address { get; private set; } = "";

    /// <summary>The headers and the body of every question, in order.</summary>
    public ConcurrentQueue<(IReadOnlyDictionary<string, string> Headers, JsonElement Body)> Asked { get; } = new();

    /// <summary>A providers file that names it, with prices of a dollar for a million tokens in and ten out.</summary>
    public string Providers => JsonSerializer.Serialize(new
    {
        providers = new[] { new { name = "house", type = "openai", endpoint = Address + "/v1", model = "llama" } },
        prices = new[] { new { model = "house/*", input = 1, output = 10 } },
    });

    public static async Task<ModelServer> StartAsync(Func<HttpContext, JsonElement, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new ModelServer(builder.Build());
        server.app.Run(async context =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body);
            var body = document.RootElement.Clone();
            server.Asked.Enqueue((context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
            await answer(context, body);
        });
        await server.app.StartAsync();
        server.Address = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>A whole answer.</summary>
    public static Task SayAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            id = "c-1", @object = "chat.completion", created = 1, model = "llama",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
            usage = new { prompt_tokens = 10, completion_tokens = 5, total_tokens = 15 },
        }));
    }

    /// <summary>A part of a streamed answer; null ends it.</summary>
    public static async Task StreamAsync(HttpContext context, string? part)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        async Task SendAsync(object choices, object? usage = null) => await context.Response.WriteAsync(
            $"data: {JsonSerializer.Serialize(new { id = "c-1", @object = "chat.completion.chunk", created = 1, model = "llama", choices, usage })}\n\n");
        if (part is not null)
        {
            await SendAsync(new[] { new { index = 0, delta = new { content = part }, finish_reason = (string?)null } });
        }
        else
        {
            await SendAsync(new[] { new { index = 0, delta = new { }, finish_reason = "stop" } });
            await SendAsync(Array.Empty<object>(), new { prompt_tokens = 10, completion_tokens = 5, total_tokens = 15 });
            await context.Response.WriteAsync("data: [DONE]\n\n");
        }

        await context.Response.Body.FlushAsync();
    }
}
