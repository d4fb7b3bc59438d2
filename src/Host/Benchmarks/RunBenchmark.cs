using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Countersign.Access;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Host.Benchmarks;

/// <summary>Starts many runs of one definition on an open host, waits for their ends, and says what they cost.</summary>
/// <param name="host">The host; whoever else uses it meanwhile is measured along.</param>
/// <param name="definition">What is run; saved already.</param>
/// <param name="input">The input of each run.</param>
internal sealed class RunBenchmark(LocalHost host, Definition definition, JsonElement input)
{
    // How often a run that does not end is looked at, whether it waits for somebody.
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> ends = new(StringComparer.Ordinal);

    /// <summary>Whose runs they are.</summary>
    public static Principal You { get; } = new("bench", "bench", [Role.Admin]);

    /// <summary>A workflow of steps that do nothing but write their events.</summary>
    public static string Chain(int steps) => $$"""
        language: "1.0"
        name: chain
        version: 1.0.0
        start: s1
        steps:
        {{string.Join('\n', Enumerable.Range(1, steps).Select(i => $"  - {{ id: s{i}, type: emit, event: custom.step, data: {{ n: {i} }}{(i < steps ? $", next: s{i + 1}" : "")} }}"))}}
        """;

    /// <summary>Runs.</summary>
    /// <param name="runs">How many, 1 or more.</param>
    /// <param name="atOnce">How many of them at a time.</param>
    /// <param name="progress">Is told each time one has ended, and how many have.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">A run waits for people, or did not complete: there is nothing to measure.</exception>
    public async Task<RunFigures> MeasureAsync(int runs, int atOnce, Action<int> progress, CancellationToken cancellation)
    {
        var ended = 0;
        var took = new double[runs];
        host.Engine.Ended = run => EndOf(run.Id).TrySetResult();
        var before = host.Statistics;
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, runs, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation }, async (i, stop) =>
        {
            took[i] = await OneAsync(stop);
            progress(Interlocked.Increment(ref ended));
        });
        watch.Stop();
        var after = host.Statistics;
        return new RunFigures
        {
            Runs = runs,
            Elapsed = watch.Elapsed,
            Cpu = Environment.CpuUsage.TotalTime - cpu,
            Allocated = GC.GetTotalAllocatedBytes() - allocated,
            Commits = after.Commits - before.Commits,
            Entries = after.Entries - before.Entries,
            Rows = after.Entries + after.Calls + after.Rows - before.Entries - before.Calls - before.Rows,
            Bytes = after.Bytes - before.Bytes,
            Took = [.. took.Order()],
        };
    }

    private async Task<double> OneAsync(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var request = new StartRequest { Workflow = definition.Name, Version = definition.Version.ToString(), Input = input };
        var run = new RunIdentity(You.Tenant, (await host.Api.Starts.StartAsync(You, request, cancellation)).Run.Id);
        var ended = EndOf(run.Id).Task;
        while (await Task.WhenAny(ended, Task.Delay(Glance, cancellation)) != ended)
        {
            Demand(await RowAsync(run, cancellation), run, status => status is not (RunStatus.Waiting or RunStatus.Parked));
        }

        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        ends.TryRemove(run.Id, out _);
        Demand(await RowAsync(run, cancellation), run, status => status is RunStatus.Completed);
        return took;
    }

    private TaskCompletionSource EndOf(string run) => ends.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task<RunRow> RowAsync(RunIdentity run, CancellationToken cancellation) => (await host.Core.Rows.ReadAsync(run, cancellation)).Run;

    private static void Demand(RunRow row, RunIdentity run, Func<RunStatus, bool> fits)
    {
        if (!fits(row.VisibleStatus))
        {
            throw new IOException(row.VisibleStatus is RunStatus.Waiting
                ? $"Run {run.Id} waits, for people or for a time; what is measured has to end by itself."
                : $"Run {run.Id} {row.Status.ToString().ToLowerInvariant()}: {row.Error?.Type} {row.Error?.Detail ?? row.Error?.Title}".TrimEnd());
        }
    }
}
