using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Host;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Histories.Tests.Journals;

/// <summary>A host over a data folder, and its HTTP interface, which is all that is used of it.</summary>
internal sealed class JournalClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Ends = ["completed", "failed", "canceled", "parked"];
    private readonly LocalHost host;
    private readonly WebServer server;
    private readonly HttpClient http;

    private JournalClient(LocalHost host, WebServer server)
    {
        (this.host, this.server) = (host, server);
        http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = Patience };
    }

    /// <summary>The keys of the people, by their names.</summary>
    public Dictionary<string, string> Keys { get; init; } = new(StringComparer.Ordinal);

    public static async Task<JournalClient> OpenAsync(string folder, TimeProvider time)
    {
        var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder, Time = time, AllowedTargets = ["127.0.0.1:9"] }, NullLoggerFactory.Instance);
        return new JournalClient(host, await WebServer.StartAsync(host, "http://127.0.0.1:0", NullLoggerFactory.Instance));
    }

    public async Task AddPeopleAsync(params (string Name, string Role)[] people)
    {
        Keys["admin"] = (await host.MakeFirstKeyAsync())!;
        foreach (var (name, role) in people)
        {
            var made = await SendAsync("admin", HttpMethod.Post, "/v1/api-keys", new JsonObject { ["user"] = name, ["roles"] = new JsonArray(role) });
            Keys[name] = made.GetProperty("key").GetString()!;
        }
    }

    public async Task SaveAsync(string yaml)
    {
        using var request = Request("admin", HttpMethod.Post, "/v1/workflows");
        request.Content = new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml"));
        await SendAsync(request);
    }

    /// <summary>Starts a run.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> StartAsync(string workflow, JsonNode? input) =>
        (await SendAsync("admin", HttpMethod.Post, "/v1/executions", new JsonObject { ["workflow"] = workflow, ["input"] = input?.DeepClone() })).GetProperty("id").GetString()!;

    /// <summary>Does what a step of the script says, for a run.</summary>
    public async Task ActAsync(string run, ScriptAction action)
    {
        var body = action.Body.ToJsonString().Replace("{run}", run, StringComparison.Ordinal);
        const string Shown = "{shown:";
        if (body.IndexOf(Shown, StringComparison.Ordinal) is var at and >= 0)
        {
            var wait = body[(at + Shown.Length)..body.IndexOf('}', at)];
            var seen = await SendAsync(action.As, HttpMethod.Get, $"/v1/approvals/{run}.{wait}");
            body = body.Replace($"{Shown}{wait}}}", seen.GetProperty("shownHash").GetString(), StringComparison.Ordinal);
        }

        await SendAsync(action.As, HttpMethod.Post, action.Path.Replace("{run}", run, StringComparison.Ordinal), JsonNode.Parse(body));
    }

    public Task<JsonElement> GetAsync(string path) => SendAsync("admin", HttpMethod.Get, path);

    public Task<JsonElement> PostAsync(string path) => SendAsync("admin", HttpMethod.Post, path, new JsonObject());

    /// <summary>A run, once it is as it should be.</summary>
    public async Task<JsonElement> UntilAsync(string run, Func<string, bool> isIt)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var view = await GetAsync($"/v1/executions/{run}");
            if (isIt(view.GetProperty("status").GetString()!))
            {
                return view;
            }

            Assert.False(limit.IsCancellationRequested, $"The run does not come on: {view}");
            await Task.Delay(TimeSpan.FromMilliseconds(25), CancellationToken.None);
        }
    }

    /// <summary>Whether a run has ended with this status.</summary>
    public static bool HasEnded(string status) => Ends.Contains(status);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
        await host.DisposeAsync();
    }

    private async Task<JsonElement> SendAsync(string person, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = Request(person, method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await SendAsync(request);
    }

    private HttpRequestMessage Request(string person, HttpMethod method, string path) =>
        new(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys[person]) } };

    private async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }
}
