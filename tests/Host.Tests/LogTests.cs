using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Host.Logging;
using Microsoft.Extensions.Logging;

namespace Countersign.Host.Tests;

/// <summary>The log of a host says what happened to requests and runs, and holds nothing of their data.</summary>
public sealed class LogTests : IDisposable
{
    /// <summary>Stands in everything that a request or a run carries.</summary>
    private const string Canary = "canary7531";

    private const string Definition = """
        language: "1.0"
        name: watched
        version: 1.0.0
        input: { type: object, required: [note], properties: { note: { type: string }, items: { type: array } } }
        start: ask
        steps:
          - { id: ask, type: ai_generate, prompt: "${ input.note }", mock: { output: "${ input.note }" }, next: each }
          - { id: each, type: foreach, items: input.items, steps: [ { id: one, type: emit, event: custom.one, data: "${ item }" } ], start: one, next: approve }
          - { id: approve, type: approval, approvers: { role: approver }, show: { note: "${ input.note }" }, expires: 1h, next: call }
          - { id: call, type: api_call, method: POST, url: "http://127.0.0.1:9/x", query: { note: "${ input.note }" }, headers: { X-Note: "${ input.note }" }, body: { note: "${ input.note }" }, retry: { attempts: 1 } }
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Serve_RequestsAndRuns_AreLoggedWithoutTheirData(string format)
    {
        using var host = Countersign.Start(
            "serve", "--data", folder["data"], "--url", "http://127.0.0.1:0", "--log-file", folder["host.log"], "--log-format", format, "--log-level", "debug");
        var errors = host.StandardError.ReadToEndAsync();
        var printed = new StringBuilder();
        var key = "";
        string? line;
        while ((line = await host.StandardOutput.ReadLineAsync()) is not null && !line.StartsWith("Listening on ", StringComparison.Ordinal))
        {
            key = line.StartsWith("  cs_", StringComparison.Ordinal) ? line.Trim() : key;
            printed.AppendLine(line);
        }

        var run = await UseAsync(line!.Split(' ')[2].TrimEnd(','), key);
        using (var stop = Process.Start("kill", ["-TERM", $"{host.Id}"]))
        {
            await stop.WaitForExitAsync();
        }

        await host.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        var console = await errors;
        var file = string.Concat(Directory.GetFiles(folder.Path, "host*.log").Select(File.ReadAllText));
        foreach (var log in new[] { console, file })
        {
            Assert.DoesNotContain(Canary, log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(key, log, StringComparison.Ordinal);
            Assert.All(Expected(run), text => Assert.Contains(text, Unwrapped(log, format), StringComparison.Ordinal));
        }

        Assert.DoesNotContain(Canary, printed.ToString(), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(folder.Path, "host*.log"), path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
    }

    [Fact]
    public void Log_AnException_ShowsItsTypeAndPlaceAndNotItsMessage()
    {
        using (var log = HostLog.Open(new LogOptions(LogLevel.Information, Json: false, folder["x.log"])))
        {
            try
            {
                throw new InvalidOperationException(Canary, new FormatException(Canary));
            }
            catch (InvalidOperationException exception)
            {
                log.CreateLogger("Countersign.Test").LogError(exception, "Run {Run} failed\e[2J", "r\n1");
            }
        }

        var text = File.ReadAllText(Assert.Single(Directory.GetFiles(folder.Path, "x*.log")));
        Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException < System.FormatException", text, StringComparison.Ordinal);
        Assert.Contains(nameof(Log_AnException_ShowsItsTypeAndPlaceAndNotItsMessage), text, StringComparison.Ordinal);
        Assert.Contains(@"failed\u001b[2J", text, StringComparison.Ordinal);
        Assert.Single(text.TrimEnd().Split('\n'));
    }

    private static string[] Expected(string run) =>
    [
        "POST /v1/workflows 201", "POST /v1/executions 202", "POST /v1/approvals/{id}/decide 200", "tenant default, user admin", "user bob",
        "(no route) 404", "error request.body-invalid", "401", "error auth.invalid", "error run.input-invalid", "GET /health 200",
        $"Run {run} of tenant default created: workflow watched 1.0.0", $"Run {run} of tenant default started",
        $"Run {run} of tenant default waits at step approve: approval.requested", $"Run {run} of tenant default failed: egress.blocked-address",
        $"Step call of run {run} of tenant default: step.failed, egress.blocked-address",
    ];

    private static string Unwrapped(string log, string format) => format is "text" ? log : string.Join('\n', log.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonElement.Parse(line))
        .Select(entry => entry.GetProperty("@m").GetString()!.Replace("\"", "", StringComparison.Ordinal)));

    private static async Task<string> UseAsync(string address, string key)
    {
        using var admin = Client(address, key);

        // The key is older than the run: a key that the requester makes after the start adds no vote.
        var made = await (await admin.PostAsync("/v1/api-keys", new StringContent("""{"user":"bob","roles":["approver"]}"""))).Content.ReadAsStringAsync();
        using var bob = Client(address, JsonElement.Parse(made).GetProperty("key").GetString()!);
        Assert.True((await admin.PostAsync("/v1/workflows", new StringContent(Definition))).IsSuccessStatusCode, await (await admin.PostAsync("/v1/workflows", new StringContent(Definition))).Content.ReadAsStringAsync());
        using var start = new HttpRequestMessage(HttpMethod.Post, "/v1/executions?" + Canary)
        {
            Content = new StringContent(JsonSerializer.Serialize(new { workflow = "watched", input = new { note = Canary, items = new[] { Canary } } })),
        };
        start.Headers.Add("Idempotency-Key", Canary);
        start.Headers.Add("Prefer", "wait=20");
        using var started = await admin.SendAsync(start);
        var startedText = await started.Content.ReadAsStringAsync();
        if (!started.IsSuccessStatusCode)
        {
            // Unknown query parameters may be refused.
            using var again = await admin.PostAsync("/v1/executions", new StringContent(JsonSerializer.Serialize(new { workflow = "watched", input = new { note = Canary, items = new[] { Canary } } })));
            startedText = await again.Content.ReadAsStringAsync();
            Assert.True(again.IsSuccessStatusCode, startedText);
        }

        var run = JsonElement.Parse(startedText).GetProperty("id").GetString()!;
        await admin.GetAsync($"/v1/{Canary}/x?{Canary}");
        await admin.GetAsync("/health");
        await admin.PostAsync("/v1/executions", new StringContent($"{{\"{Canary}\":"));
        await admin.PostAsync("/v1/executions", new StringContent($"{{\"workflow\":\"watched\",\"input\":{{\"note\":{{\"{Canary}\":1}}}}}}"));
        using var stranger = Client(address, Canary);
        await stranger.GetAsync("/v1/executions");
        var wait = await WaitAsync(bob);
        await bob.PostAsync($"/v1/approvals/{wait.GetProperty("id").GetString()}/messages", new StringContent(JsonSerializer.Serialize(new { text = Canary })));
        using var decided = await bob.PostAsync(
            $"/v1/approvals/{wait.GetProperty("id").GetString()}/decide",
            new StringContent(JsonSerializer.Serialize(new { decision = "approved", shown = wait.GetProperty("shownHash").GetString(), reason = Canary })));
        Assert.True(decided.IsSuccessStatusCode, await decided.Content.ReadAsStringAsync());
        string status;
        do
        {
            status = JsonElement.Parse(await admin.GetStringAsync($"/v1/executions/{run}")).GetProperty("status").GetString()!;
            await Task.Delay(50);
        }
        while (status is not "failed");

        return run;
    }

    private static async Task<JsonElement> WaitAsync(HttpClient person)
    {
        while (true)
        {
            var items = JsonElement.Parse(await person.GetStringAsync("/v1/approvals")).GetProperty("items");
            if (items.GetArrayLength() > 0)
            {
                return items[0].Clone();
            }

            await Task.Delay(50);
        }
    }

    private static HttpClient Client(string address, string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
