using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Host;
using Countersign.Host.Benchmarks;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Workflows;
using Countersign.People;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Bench;

/// <summary>
/// Whole runs on the embedded engine, log entries on: a chain of no-op steps, a fan, one run alone, approvals. One JSON line each.
/// </summary>
public static class EngineBench
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> Ends = new(StringComparer.Ordinal);
    private static readonly Principal You = RunBenchmark.You;

    /// <summary>Runs all workloads.</summary>
    public static void Run() => RunAsync(async host =>
    {
        var chain = await SaveAsync(host, RunBenchmark.Chain(10));
        var fan = await SaveAsync(host, Fan(50));
        var approval = await SaveAsync(host, Approval);
        await ManyAsync(host, chain, 200, 50, 10, "warm-up");
        await ManyAsync(host, chain, 1000, 50, 10, "chain");
        await ManyAsync(host, fan, 200, 10, 50, "fan");
        await ManyAsync(host, chain, 200, 1, 10, "idle");
        await ApproveAsync(host, approval, 1000, 50);
        await ApproveAsync(host, approval, 200, 1);
    }).GetAwaiter().GetResult();

    /// <summary>Runs the chain alone, warmed up until its code is compiled for good, several times over.</summary>
    public static void RunChain() => RunAsync(async host =>
    {
        var chain = await SaveAsync(host, RunBenchmark.Chain(10));
        await ManyAsync(host, chain, 2000, 50, 10, "warm-up");
        for (var i = 0; i < 3; i++)
        {
            await ManyAsync(host, chain, 2000, 50, 10, "chain");
        }
    }).GetAwaiter().GetResult();

    /// <summary>Runs what is done one at a time: runs alone, approvals alone.</summary>
    public static void RunAlone() => RunAsync(async host =>
    {
        var chain = await SaveAsync(host, RunBenchmark.Chain(10));
        var approval = await SaveAsync(host, Approval);
        await ManyAsync(host, chain, 2000, 50, 10, "warm-up");
        await ApproveAsync(host, approval, 1000, 50);
        await ManyAsync(host, chain, 1000, 1, 10, "idle");
        await ApproveAsync(host, approval, 1000, 1);
    }).GetAwaiter().GetResult();

    /// <summary>Runs the chain and says which types it allocates.</summary>
    public static void RunAllocations() => RunAsync(async host =>
    {
        var chain = await SaveAsync(host, RunBenchmark.Chain(10));
        await ManyAsync(host, chain, 1000, 50, 10, "warm-up");
        using var ticks = new AllocationTicks();
        ticks.Print(40, await ManyAsync(host, chain, 4000, 50, 10, "chain"));
    }).GetAwaiter().GetResult();

    private static async Task RunAsync(Func<LocalHost, Task> workloads)
    {
        var data = Directory.CreateTempSubdirectory("countersign-bench-").FullName;
        await using (var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = data }, NullLoggerFactory.Instance))
        {
            await workloads(host);
        }

        Directory.Delete(data, recursive: true);
    }

    /// <returns>Bytes allocated per step.</returns>
    private static async Task<double> ManyAsync(LocalHost host, Definition definition, int runs, int atOnce, int steps, string name)
    {
        var before = host.Statistics;
        var figures = await new RunBenchmark(host, definition, JsonElement.Parse("{}")).MeasureAsync(runs, atOnce, _ => { }, CancellationToken.None);
        var after = host.Statistics;
        double all = runs * steps;
        var bytes = figures.Allocated / all;
        Print(name, new()
        {
            ["runs"] = runs,
            ["at_once"] = atOnce,
            ["steps_per_second"] = Math.Round(all / figures.Elapsed.TotalSeconds),
            ["cpu_us_per_step"] = Math.Round(figures.Cpu.TotalMicroseconds / all, 1),
            ["bytes_allocated_per_step"] = Math.Round(bytes),
            ["p50_ms"] = Math.Round(figures.At(0.50), 2),
            ["p99_ms"] = Math.Round(figures.At(0.99), 2),
            ["rows_per_step"] = Math.Round(figures.Rows / all, 2),
            ["requests_per_commit"] = Math.Round((after.Requests - before.Requests) / (double)figures.Commits, 1),
            ["peak_mb"] = Process.GetCurrentProcess().PeakWorkingSet64 / 1_000_000,
        });
        return bytes;
    }

    private static async Task ApproveAsync(LocalHost host, Definition definition, int runs, int atOnce)
    {
        host.Engine.Ended = run => Ends.GetOrAdd(run.Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        var waiting = new RunIdentity[runs];
        await Parallel.ForAsync(0, runs, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => waiting[i] = await StartAsync(host, definition));
        foreach (var run in waiting)
        {
            while (await host.Api.Waits.FindAsync(run, "ask:1:1") is null)
            {
                await Task.Delay(1);
            }
        }

        var took = new double[runs];
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        await Parallel.ForAsync(0, runs, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, cancellation) =>
        {
            var wait = (await host.Api.Waits.FindAsync(waiting[i], "ask:1:1", cancellation))!;
            var start = Stopwatch.GetTimestamp();
            await host.Api.Approvals.DecideAsync(new Principal(You.Tenant, "bob", [Role.Approver]), wait.Id, new Decision(true, wait.Shown!.Hash, null), cancellation);
            await EndedAsync(waiting[i]);
            took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        Print("approve", new()
        {
            ["runs"] = runs,
            ["at_once"] = atOnce,
            ["cpu_us_per_approval"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / runs, 1),
            ["bytes_allocated_per_approval"] = Math.Round((GC.GetTotalAllocatedBytes() - allocated) / (double)runs),
            ["p50_ms"] = Percentile(took, 0.5),
            ["p95_ms"] = Percentile(took, 0.95),
        });
    }

    private static async Task<Definition> SaveAsync(LocalHost host, string yaml)
    {
        var definition = DefinitionReader.Read(yaml).Definition!;
        await host.Core.Workflows.SaveAsync(You, definition, SaveRequest.Plain());
        return definition;
    }

    private static async Task<RunIdentity> StartAsync(LocalHost host, Definition definition)
    {
        var started = await host.Api.Starts.StartAsync(You, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
        return new RunIdentity(You.Tenant, started.Run.Id);
    }

    private static async Task EndedAsync(RunIdentity run)
    {
        await Ends.GetOrAdd(run.Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        Ends.TryRemove(run.Id, out _);
    }

    private static double Percentile(double[] took, double share)
    {
        var sorted = took.Order().ToArray();
        return Math.Round(sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)], 2);
    }

    private static void Print(string name, SortedDictionary<string, double> figures) => Console.WriteLine(
        $"{{\"workload\":\"{name}\",{string.Join(',', figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"\"{figure.Key}\":{figure.Value}")))}}}");

    private static string Fan(int branches) => $$"""
        language: "1.0"
        name: fan
        version: 1.0.0
        start: fan
        steps:
          - id: fan
            type: parallel
            branches:
        {{string.Join('\n', Enumerable.Range(1, branches).Select(i => $"      - {{ name: b{i}, start: s{i}, steps: [ {{ id: s{i}, type: emit, event: custom.step, data: {{ n: {i} }} }} ] }}"))}}
        """;

    private const string Approval = """
        language: "1.0"
        name: ask
        version: 1.0.0
        start: ask
        steps:
          - { id: ask, type: approval, approvers: { role: approver }, expires: 1h, next: done }
          - { id: done, type: emit, event: custom.done, data: {} }
        """;
}
