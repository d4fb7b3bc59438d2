using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Host.Demo;

/// <summary>
/// A small payment service over real HTTP, as samples and demo need one: <c>POST /payments</c> pays once per Idempotency-Key,
/// <c>POST /messages</c> takes a message.
/// </summary>
public sealed class PaymentService : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, string> payments = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> messages = new();
    private int number;

    private PaymentService(WebApplication app) => this.app = app;

    /// <summary>Its address.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What an operator's allow-list names it as.</summary>
    public string Target => new Uri(Address).Authority;

    /// <summary>What was paid, by Idempotency-Key.</summary>
    public IReadOnlyCollection<string> Payments => [.. payments.Values];

    /// <summary>What was told.</summary>
    public IReadOnlyCollection<string> Messages => [.. messages];

    /// <summary>Starts it on a free port of the loopback interface.</summary>
    public static async Task<PaymentService> StartAsync(CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var service = new PaymentService(app);
        app.MapPost("/payments", service.PayAsync);
        app.MapPost("/messages", service.TellAsync);
        await app.StartAsync(cancellation);
        service.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return service;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task PayAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var payment = payments.GetOrAdd(key, _ =>
        {
            var id = "p-" + Interlocked.Increment(ref number).ToString("D4", CultureInfo.InvariantCulture);
            return $$"""{"id":"{{id}}","amount":{{body.RootElement.GetProperty("amount").GetRawText()}}}""";
        });
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(payment, context.RequestAborted);
    }

    private async Task TellAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        messages.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
