using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Countersign.Host.Samples;
using Countersign.Language;

namespace Countersign.Features.Tests;

/// <summary>What a scenario has done so far: its people, its workflow, its run, the last answer.</summary>
/// <param name="address">The host that it talks to, over HTTP alone.</param>
/// <param name="adminKey">An admin's key there.</param>
internal sealed class World(Uri address, string adminKey) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource limit = new(Patience);
    private readonly Dictionary<string, string> keys = new(StringComparer.Ordinal) { ["admin"] = adminKey };
    private readonly Dictionary<string, string> waits = new(StringComparer.Ordinal);

    // A host that is used again still knows the idempotency keys of the time before.
    private readonly string once = Guid.NewGuid().ToString("N");
    private long seen;

    /// <summary>What the scenario's workflows call.</summary>
    public SampleServices Services { get; private set; } = null!;

    /// <summary>The workflow that is started.</summary>
    public Definition Workflow { get; private set; } = null!;

    /// <summary>The sample that it comes from; null where the scenario has its own.</summary>
    public Sample? Sample { get; set; }

    /// <summary>The run.</summary>
    public string Run { get; set; } = "";

    /// <summary>The last answer.</summary>
    public Answer Last { get; private set; } = new(0, null);

    /// <summary>The hash of what approvals showed, by step, the first time.</summary>
    public Dictionary<string, string> FirstShown { get; } = new(StringComparer.Ordinal);

    /// <summary>The link that was made last.</summary>
    public string? Token { get; set; }

    public async Task OpenAsync() => Services = await SampleServices.StartAsync(cancellation: limit.Token);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        limit.Dispose();
        await Services.DisposeAsync();
    }

    /// <summary>Makes somebody's key.</summary>
    public async Task AddPersonAsync(string name, string[] roles)
    {
        var made = await CallAsync("admin", HttpMethod.Post, "/v1/api-keys", new { user = name, roles });
        keys[name] = made.Succeed(201).GetProperty("key").GetString()!;
    }

    /// <summary>Saves a definition. Its patch version is made of its text, so that a host that is used again never sees two contents under one version.</summary>
    public async Task SaveAsync(string yaml)
    {
        var patch = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(yaml))) % 1_000_000;
        var text = Regex.Replace(yaml, @"(?m)^version: (\d+\.\d+)\.\d+\s*$", $"version: $1.{patch}");
        Workflow = DefinitionReader.ReadValid(Encoding.UTF8.GetBytes(text));
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/workflows") { Content = new StringContent(text, Encoding.UTF8, "application/yaml") };
        (await SendAsync("admin", request)).Succeed(201);
    }

    /// <summary>Starts the workflow; the last answer says what came of it.</summary>
    public async Task StartAsync(string person, JsonNode? input, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/executions")
        {
            Content = Json(new { workflow = Workflow.Name, version = Workflow.Version.ToString(), input, profile = SampleServices.ProfileOf(Workflow.Profile, Services.Address) }),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", $"{idempotencyKey}-{once}");
        }

        await SendAsync(person, request);
    }

    /// <summary>Calls the interface as somebody; nobody at all where the person is null.</summary>
    public Task<Answer> CallAsync(string? person, HttpMethod method, string path, object? body = null) =>
        SendAsync(person, new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) });

    /// <summary>Follows the run from where it was last seen until something happens.</summary>
    /// <returns>The event; null where the run ended before.</returns>
    public async Task<JsonElement?> FollowAsync(Func<JsonElement, bool> isIt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/executions/{Run}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", keys["admin"]);
        request.Headers.Add("Last-Event-ID", seen.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
            {
                continue;
            }

            var happened = JsonElement.Parse(line[6..]);
            seen = long.Parse(happened.GetProperty("sequence").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            if (isIt(happened))
            {
                return happened;
            }
        }

        return null;
    }

    /// <summary>Takes note of the wait that an event speaks of.</summary>
    public async Task MeetAsync(JsonElement requested)
    {
        var step = requested.GetProperty("subject").GetString()!;
        waits[step] = $"{Run}.{step}:{requested.GetProperty("data").GetProperty("visit").GetInt32()}:1";
        var wait = await WaitAsync(step);
        if (wait.TryGetProperty("shownHash", out var shown))
        {
            FirstShown.TryAdd(step, shown.GetString()!);
        }
    }

    /// <summary>The newest wait of the run at a step, as it is now.</summary>
    public async Task<JsonElement> WaitAsync(string step)
    {
        var id = waits.TryGetValue(step, out var known) ? known : throw new InvalidOperationException($"The run was not seen to wait at '{step}'.");
        return (await CallAsync("admin", HttpMethod.Get, $"/v1/approvals/{id}")).Succeed(200);
    }

    private async Task<Answer> SendAsync(string? person, HttpRequestMessage request)
    {
        if (person is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Bearer", keys.TryGetValue(person, out var key) ? key : throw new InvalidOperationException($"Nobody is called '{person}' here; name them in 'these people'."));
        }

        using var response = await http.SendAsync(request, limit.Token);
        var text = await response.Content.ReadAsStringAsync(limit.Token);
        return Last = new Answer((int)response.StatusCode, text.Length == 0 ? null : JsonElement.Parse(text));
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
}

/// <summary>An answer of the interface.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
internal sealed record Answer(int Status, JsonElement? Body)
{
    /// <summary>The body of an answer that must be a success.</summary>
    public JsonElement Succeed(int status) => Status == status
        ? Body ?? default
        : throw new InvalidOperationException($"The answer was {Status}, not {status}: {Body}");
}
