using System.Net.Sockets;
using System.Text.Json;
using Countersign.Host.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Host.Samples;

/// <summary>
/// What the samples call, over real HTTP: <c>POST /&lt;collection&gt;</c> makes something once for each Idempotency-Key,
/// <c>DELETE /&lt;collection&gt;/&lt;id&gt;</c> undoes it, <c>GET /&lt;collection&gt;</c> lists, <c>GET /calls</c> tells what was called in which order.
/// </summary>
public sealed class SampleServices : IAsyncDisposable
{
    /// <summary>Where the samples' profiles look for them.</summary>
    public const string UsualAddress = "http://127.0.0.1:9090";

    private readonly WebApplication app;
    private readonly Lock guard = new();
    private readonly List<string> calls = [];
    private readonly SampleCollection[] collections =
    [
        new("payments", "p-"),
        new("reservations", "r-", order => Has(order, "items", item => Text(item, "sku") == "sold-out") ? new(409, "sold_out") : null),
        new("charges", "c-", charge => Text(charge, "card") == "tok_declined" ? new(402, "card_declined") : null),
        new("shipments", "s-", shipment => shipment.TryGetProperty("to", out var to) && Text(to, "country") == "Atlantis" ? new(422, "no_carrier") : null),
        new("articles", "a-"),
        new("pages", "g-"),
        new("rollbacks", "b-"),
        new("tickets", "t-"),
        new("messages", "m-"),
    ];

    private SampleServices(WebApplication app) => this.app = app;

    /// <summary>Where they listen.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What an operator's allow-list names them as.</summary>
    public string Target => new Uri(Address).Authority;

    /// <summary>What was called, in order: the method, the collection and the id, or why it was refused.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (guard)
            {
                return [.. calls];
            }
        }
    }

    /// <summary>Starts them.</summary>
    /// <param name="url">Where to listen; port 0 takes a free one.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<SampleServices> StartAsync(string url = "http://127.0.0.1:0", CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        var services = new SampleServices(app);
        foreach (var collection in services.collections)
        {
            app.MapPost($"/{collection.Name}", (RequestDelegate)(context => services.MakeAsync(context, collection)));
            app.MapDelete($"/{collection.Name}/{{id}}", (RequestDelegate)(context => services.UndoAsync(context, collection)));
            app.MapGet($"/{collection.Name}", (RequestDelegate)(context => context.Response.WriteAsync(collection.List().ToJsonString())));
        }

        app.MapGet("/calls", (RequestDelegate)(context => context.Response.WriteAsync(JsonSerializer.Serialize(services.Calls))));
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception refused) when (refused is IOException or SocketException or InvalidOperationException)
        {
            await app.DisposeAsync();
            throw ListenAddress.Refused(url, refused);
        }

        services.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return services;
    }

    /// <summary>A profile that looks for the services where they are, and not at <see cref="UsualAddress"/>.</summary>
    /// <param name="profile">The definition's own profile.</param>
    /// <param name="address">Where they are.</param>
    public static JsonElement ProfileOf(JsonElement profile, string address) =>
        JsonElement.Parse(profile.GetRawText().Replace(UsualAddress, address, StringComparison.Ordinal));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task MakeAsync(HttpContext context, SampleCollection collection)
    {
        JsonElement body;
        try
        {
            body = (await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted)).RootElement;
        }
        catch (JsonException)
        {
            body = default;
        }

        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (body.ValueKind is not JsonValueKind.Object || (key.Length == 0 && collection.Name != "messages"))
        {
            await RefuseAsync(context, new SampleRefusal(400, body.ValueKind is JsonValueKind.Object ? "no_idempotency_key" : "no_object"));
            return;
        }

        var record = collection.Make(key.Length == 0 ? context.TraceIdentifier : key, body, out var refusal, out var made);
        Note($"POST {collection.Name} {(record is null ? refusal!.Error : (string?)record["id"])}{(made || record is null ? "" : " again")}");
        if (record is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        context.Response.StatusCode = made ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(record.ToJsonString(), context.RequestAborted);
    }

    private Task UndoAsync(HttpContext context, SampleCollection collection)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var found = collection.Undo(id);
        Note($"DELETE {collection.Name} {(found ? id : "unknown")}");
        context.Response.StatusCode = found ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private void Note(string call)
    {
        lock (guard)
        {
            calls.Add(call);
        }
    }

    private static Task RefuseAsync(HttpContext context, SampleRefusal refusal)
    {
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"error":"{{refusal.Error}}"}""", context.RequestAborted);
    }

    private static bool Has(JsonElement from, string name, Func<JsonElement, bool> match) =>
        from.TryGetProperty(name, out var items) && items.ValueKind is JsonValueKind.Array && items.EnumerateArray().Any(match);

    private static string? Text(JsonElement from, string name) =>
        from.ValueKind is JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
