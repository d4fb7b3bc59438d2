using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Access;
using Countersign.Api.Limits;
using Countersign.Engine.Runs;
using Countersign.Host;
using Countersign.Host.Benchmarks;
using Countersign.Language;
using Countersign.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Bench;

/// <summary>
/// What a quiet tenant notices of a busy one, over HTTP: how long its runs take alone, while another tenant starts runs as fast as it can, and while
/// another tenant reads contexts; with the bounds of the host and without. One JSON line each.
/// </summary>
public static class FairnessBench
{
    private const int Connections = 64;
    private const int Readers = 16;

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly LocalHostOptions Bounded = new() { Data = "" };

    private static readonly LocalHostOptions Unbounded = Bounded with
    {
        Limits = new ApiLimits { RequestsPerSecond = 0, HeavyReads = 0, Starts = 0 },
        Engine = new EmbeddedEngineOptions { MaxTurns = 1_000_000 },
    };

    /// <summary>Runs all workloads.</summary>
    public static void Run() => RunAsync().GetAwaiter().GetResult();

    private static async Task RunAsync()
    {
        await MeasureAsync("warm-up", Bounded, StartsAsync, Connections);
        await MeasureAsync("alone", Bounded, null, 0);
        await MeasureAsync("starts, unbounded", Unbounded, StartsAsync, Connections);
        await MeasureAsync("starts, bounded", Bounded, StartsAsync, Connections);
        await MeasureAsync("contexts, unbounded", Unbounded, ContextsAsync, Readers);
        await MeasureAsync("contexts, bounded", Bounded, ContextsAsync, Readers);
    }

    private static async Task MeasureAsync(string name, LocalHostOptions options, Func<HttpClient, CancellationToken, Task<bool>>? busy, int connections)
    {
        var data = Directory.CreateTempSubdirectory("countersign-bench-").FullName;
        await using (var host = await LocalHost.OpenAsync(options with { Data = data }, NullLoggerFactory.Instance))
        await using (var server = await WebServer.StartAsync(host, "http://127.0.0.1:0", NullLoggerFactory.Instance))
        {
            using var quiet = await ClientAsync(host, server, "quiet", 3);
            using var flood = await ClientAsync(host, server, "busy", 200);
            using var stop = new CancellationTokenSource();
            var (done, refused) = (0, 0);
            var workers = Enumerable.Range(0, busy is null ? 0 : connections).Select(_ => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var accepted = await busy!(flood, stop.Token);
                    Interlocked.Increment(ref accepted ? ref done : ref refused);
                }
            })).ToList();
            var took = await QuietAsync(quiet);
            await stop.CancelAsync();
            await Task.WhenAll(workers);
            Print(name, took, done, refused);
        }

        Directory.Delete(data, recursive: true);
    }

    private static async Task<List<double>> QuietAsync(HttpClient client)
    {
        var took = new List<double>();
        var whole = Stopwatch.StartNew();
        while (whole.Elapsed < Measured)
        {
            var one = Stopwatch.GetTimestamp();
            using var request = Start("wait=60");
            using var answer = await client.SendAsync(request);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            if (body.RootElement.GetProperty("status").GetString() != "completed")
            {
                throw new IOException($"The quiet tenant's run is not completed: {body.RootElement}");
            }

            took.Add(Stopwatch.GetElapsedTime(one).TotalMilliseconds);
            await Task.Delay(Pause);
        }

        took.Sort();
        return took;
    }

    private static async Task<bool> StartsAsync(HttpClient client, CancellationToken stop)
    {
        using var request = Start(null);
        return await SendAsync(client, request, stop);
    }

    private static async Task<bool> ContextsAsync(HttpClient client, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "context");
        return await SendAsync(client, request, stop);
    }

    // Refused callers wait a little, as a client that reads Retry-After does, though not as long.
    private static async Task<bool> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            using var answer = await client.SendAsync(request, stop);
            if (answer.IsSuccessStatusCode)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }

        return false;
    }

    private static HttpRequestMessage Start(string? prefer)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/executions")
        {
            Content = new StringContent("""{"workflow":"chain","input":{}}""", Encoding.UTF8, "application/json"),
        };
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return request;
    }

    private static async Task<HttpClient> ClientAsync(LocalHost host, WebServer server, string tenant, int steps)
    {
        var (secret, _) = await host.Api.Keys.CreateAsync(Principal.System(tenant), tenant, [Role.Admin]);
        var author = new Principal(tenant, tenant, [Role.Admin]);
        var client = Client(server.Address + "/", secret);

        // The run whose context is read is a long one, and the client's base; those that are started are short.
        foreach (var length in (int[])[steps, 3])
        {
            var definition = DefinitionReader.Read(RunBenchmark.Chain(length).Replace("1.0.0", $"1.0.{3 + steps - length}", StringComparison.Ordinal)).Definition!;
            await host.Core.Workflows.SaveAsync(author, definition, SaveRequest.Plain());
            if (length == steps)
            {
                using var request = Start("wait=60");
                using var answer = await client.SendAsync(request);
                using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
                var run = body.RootElement.GetProperty("id").GetString();
                client.Dispose();
                client = Client($"{server.Address}/v1/executions/{run}/", secret);
            }

            if (steps == 3)
            {
                break;
            }
        }

        return client;
    }

    private static HttpClient Client(string address, string secret)
    {
        var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    private static void Print(string name, List<double> took, int done, int refused) => Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["name"] = name,
        ["runs"] = took.Count,
        ["p50_ms"] = Math.Round(took[took.Count / 2], 1),
        ["p95_ms"] = Math.Round(took[(int)(took.Count * 0.95)], 1),
        ["max_ms"] = Math.Round(took[^1], 1),
        ["busy_done_per_second"] = (done / Measured.TotalSeconds).ToString("0", CultureInfo.InvariantCulture),
        ["busy_refused"] = refused,
    }));
}
