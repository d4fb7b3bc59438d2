using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Countersign.Access;
using Countersign.Conformance.Engines;
using Countersign.Host;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Api.Tests;

/// <summary>A real host with a real Kestrel over a folder of its own, and a real server as the outside world. One for each test class.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    public const string Tenant = "acme";
    public const string OtherTenant = "globex";

    private readonly string folder = Directory.CreateTempSubdirectory("countersign-api-").FullName;
    private readonly System.Collections.Concurrent.ConcurrentBag<HttpClient> clients = [];
    private WebServer server = null!;
    private Contract contract = null!;

    public LocalHost Host { get; private set; } = null!;

    internal SteppedTime Time { get; } = new();

    /// <summary>How much one caller may ask.</summary>
    public Limits.ApiLimits Limits { get; init; } = new();

    public RemoteService Remote { get; private set; } = null!;

    public string Address => server.Address;

    /// <summary>An admin of the first tenant.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <summary>An engineer: starts runs, and may not approve them.</summary>
    public HttpClient Engineer { get; private set; } = null!;

    /// <summary>An approver.</summary>
    public HttpClient Approver { get; private set; } = null!;

    /// <summary>An admin of another tenant.</summary>
    public HttpClient Stranger { get; private set; } = null!;

    /// <summary>The routes that the server really has, the fallback left out.</summary>
    internal IReadOnlyList<RouteEndpoint> Routes =>
        [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.Order < int.MaxValue)];

    public async Task InitializeAsync()
    {
        Remote = await RemoteService.StartAsync();
        Host = await LocalHost.OpenAsync(
            new LocalHostOptions { Data = folder, AllowedTargets = [new Uri(Remote.Address).Authority], Time = Time, Limits = Limits }, NullLoggerFactory.Instance);
        server = await WebServer.StartAsync(Host, "http://127.0.0.1:0", NullLoggerFactory.Instance);
        using (var plain = new HttpClient())
        {
            contract = new Contract(await plain.GetFromJsonAsync<JsonElement>(Address + "/openapi.json"));
        }

        Admin = await AsAsync("root", Role.Admin);
        Engineer = await AsAsync("eve", Role.Engineer);
        Approver = await AsAsync("pam", Role.Approver);
        await AsAsync("pat", Role.Approver, Role.Engineer);
        Stranger = await InAsync(OtherTenant, "root", Role.Admin);
        foreach (var definition in (string[])[Definitions.Hello(), Definitions.Spend, Definitions.Ask, Definitions.Await, Definitions.Call, Definitions.Model])
        {
            using var saved = await Admin.PostAsync("/v1/workflows", Yaml(definition));
            await saved.ReadAsync(201);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var client in clients)
        {
            client.Dispose();
        }

        await server.DisposeAsync();
        await Host.DisposeAsync();
        await Remote.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A client with a key of the first tenant.</summary>
    public Task<HttpClient> AsAsync(string user, params string[] roles) => InAsync(Tenant, user, roles);

    /// <summary>A client with a key of a tenant.</summary>
    public async Task<HttpClient> InAsync(string tenant, string user, params string[] roles)
    {
        var (secret, _) = await Host.Api.Keys.CreateAsync(Principal.System(tenant), user, [.. roles]);
        return With(secret);
    }

    /// <summary>A client with a key, or with none. Every answer that it gets is held against the OpenAPI document.</summary>
    public HttpClient With(string? secret)
    {
        var client = new HttpClient(new ContractHandler(() => contract)) { BaseAddress = new Uri(Address) };
        if (secret is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        clients.Add(client);
        return client;
    }

    /// <summary>Starts a run and waits until it ends or waits.</summary>
    public async Task<JsonElement> StartAsync(string workflow, object? input = null, HttpClient? starter = null)
    {
        using var request = Json(HttpMethod.Post, "/v1/executions", new { workflow, input = input ?? new { } });
        request.Headers.Add("Prefer", "wait=60");
        using var started = await (starter ?? Engineer).SendAsync(request);
        return await started.ReadAsync(202);
    }

    /// <summary>A run that waits for an approval, and the approval.</summary>
    public async Task<(string Run, JsonElement Approval)> StartApprovalAsync(HttpClient? starter = null)
    {
        var run = (await StartAsync("spend", new { amount = 5 }, starter)).Text("id");
        return (run, await FindWaitAsync(run));
    }

    /// <summary>The wait of a run that an admin sees in the inbox.</summary>
    public async Task<JsonElement> FindWaitAsync(string run)
    {
        var page = await Admin.GetJsonAsync("/v1/approvals?limit=200");
        return page.GetProperty("items").EnumerateArray().Single(wait => wait.Text("run") == run);
    }

    /// <summary>Waits until a run's history has an entry of a type.</summary>
    public async Task HasAsync(string run, string type)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await Admin.GetJsonAsync($"/v1/executions/{run}/history")).Items().Any(entry => entry.GetProperty("type").GetString() == type))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>A run, once it has ended.</summary>
    public async Task<JsonElement> SettledAsync(string run)
    {
        await EventReader.ReadAllAsync(Admin, $"/v1/executions/{run}/events", null);
        return await Admin.GetJsonAsync("/v1/executions/" + run);
    }

    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A request with a JSON body; what is null is left out.</summary>
    public static HttpRequestMessage Json(HttpMethod method, string path, object body) =>
        new(method, path) { Content = new StringContent(JsonSerializer.Serialize(body, WithoutNulls), Encoding.UTF8, "application/json") };

    public static StringContent Yaml(string text) => new(text, Encoding.UTF8, "application/yaml");
}
