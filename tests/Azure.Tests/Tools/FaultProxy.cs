using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Tests.Tools;

/// <summary>What becomes of a request on its way through a <see cref="FaultProxy"/>.</summary>
public enum Fault
{
    /// <summary>It is forwarded, and its answer brought back.</summary>
    None,

    /// <summary>It is forwarded and acted on; instead of the answer the connection breaks.</summary>
    LostAnswer,

    /// <summary>It is forwarded and acted on; the answer never comes.</summary>
    SilentAnswer,

    /// <summary>The connection breaks before anything is forwarded.</summary>
    Gone,

    /// <summary>Refused: 503 ServerBusy with <c>Retry-After: 1</c>.</summary>
    Busy,

    /// <summary>Refused: 429 with <c>Retry-After: 1</c>.</summary>
    TooMany,

    /// <summary>Refused for good: 403 AuthorizationFailure.</summary>
    Forbidden,
}

/// <summary>Stands between a client and a service on the loopback interface, and does to requests what networks and busy services do.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Transfer-Encoding", "Connection", "Keep-Alive", "Host"];

    private readonly WebApplication app;
    private readonly string target;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 256 });
    private int seen;
    private int injected;

    private FaultProxy(WebApplication app, string target) => (this.app, this.target) = (app, target);

    /// <summary>Its address, such as <c>http://127.0.0.1:40123</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Decides, given the number of a transaction (from 1) or 0 for any other request.</summary>
    public Func<HttpRequest, int, Fault> Decide { get; set; } = (_, _) => Fault.None;

    /// <summary>How many requests met a fault.</summary>
    public int Injected => injected;

    /// <summary>Starts one on a free port.</summary>
    public static async Task<FaultProxy> StartAsync(string target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        var proxy = new FaultProxy(app, target);
        app.Run(proxy.PassAsync);
        await app.StartAsync();
        proxy.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return proxy;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        var isTransaction = context.Request.Path.Value!.EndsWith("$batch", StringComparison.Ordinal);
        var fault = Decide(context.Request, isTransaction ? Interlocked.Increment(ref seen) : 0);
        _ = fault is Fault.None ? 0 : Interlocked.Increment(ref injected);
        switch (fault)
        {
            case Fault.Gone:
                context.Abort();
                return;
            case Fault.Forbidden:
                context.Response.StatusCode = 403;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"odata.error":{"code":"AuthorizationFailure","message":{"lang":"en-US","value":"Not allowed."}}}""");
                return;
            case Fault.Busy or Fault.TooMany:
                context.Response.StatusCode = fault is Fault.Busy ? 503 : 429;
                context.Response.Headers.RetryAfter = "1";
                context.Response.Headers["x-ms-error-code"] = fault is Fault.Busy ? "ServerBusy" : "TooManyRequests";
                return;
        }

        // What was lost was acted on all the same, whether or not anybody waits for the answer.
        using var answer = await ForwardAsync(context, fault is Fault.None ? context.RequestAborted : CancellationToken.None);
        if (fault is Fault.SilentAnswer)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        if (fault is not Fault.None)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = answer.ReasonPhrase;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheConnection.Contains(header.Key)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None);
        body.Position = 0;
        var feature = context.Features.Get<IHttpRequestFeature>()!;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target + feature.RawTarget);
        if (body.Length > 0 || context.Request.ContentLength is not null)
        {
            request.Content = new StreamContent(body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !OfTheConnection.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }
}
