using System.Diagnostics;
using System.Globalization;
using System.Text;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Bench;

/// <summary>What a commit to the embedded journal costs, from a single one to many producers.</summary>
public static class JournalBench
{
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes(
        """{"input":"8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","latency":12,"outcome":"completed"}""");

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes("""{"outcome":"completed","value":{"n":12,"ok":true}}""");

    /// <summary>Runs all measurements and prints one line for each.</summary>
    public static void Run()
    {
        Measure("single", producers: 1, requests: 5_000, runLength: 10);
        Measure("producers 8", producers: 8, requests: 40_000, runLength: 10);
        Measure("producers 64", producers: 64, requests: 400_000, runLength: 10);
        Measure("producers 256", producers: 256, requests: 400_000, runLength: 10);
        Measure("long runs 64", producers: 64, requests: 400_000, runLength: 10_000);
        Measure("100 tenants 64", producers: 64, requests: 400_000, runLength: 10, tenants: 100);
    }

    private static void Measure(string name, int producers, int requests, int runLength, int tenants = 1)
    {
        var folder = Directory.CreateTempSubdirectory("journal-bench-");
        try
        {
            MeasureIn(folder.FullName, name, producers, requests, runLength, tenants).GetAwaiter().GetResult();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureIn(string folder, string name, int producers, int requests, int runLength, int tenants)
    {
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = Path.Combine(folder, "journal.db") });
        await Produce(ledger, 0, requests / producers / 10, runLength, tenants, null);
        GC.Collect();
        var before = ledger.Statistics;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        var latencies = new long[producers][];
        await Task.WhenAll(Enumerable.Range(1, producers).Select(p => Task.Run(async () =>
        {
            var own = latencies[p - 1] = new long[requests / producers];
            await Produce(ledger, p, own.Length, runLength, tenants, own);
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        processor = Environment.CpuUsage.TotalTime - processor;
        var after = ledger.Statistics;
        var all = latencies.SelectMany(l => l).Order().ToArray();
        var count = (double)all.Length;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-16} {count / elapsed.TotalSeconds,9:N0} requests/s  group {count / (after.Commits - before.Commits),6:N1}  p50 {Ms(all, 0.5),6:N3} ms  p99 {Ms(all, 0.99),7:N3} ms  max {Ms(all, 1),7:N1} ms  {allocated / count,5:N0} B  {processor.TotalMicroseconds / count,5:N1} µs CPU"));
    }

    private static async Task Produce(SqliteLedger ledger, int producer, int count, int runLength, int tenants, long[]? latencies)
    {
        var run = "";
        var tenant = "tenant-" + (producer % tenants).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
        {
            if (i % runLength == 0)
            {
                run = Guid.CreateVersion7().ToString("N");
            }

            var step = string.Create(CultureInfo.InvariantCulture, $"steps/work-{i % runLength}/1/1");
            var commit = new LedgerCommit
            {
                Entries =
                [
                    new EntryDraft
                    {
                        EventId = $"{run}/{step}/1/step.completed",
                        Type = EventTypes.StepCompleted,
                        Run = run,
                        Step = step,
                        TransactionId = run,
                        Payload = Payload,
                    },
                ],
                Call = new CallRecord(run, step, 1, run, Answer),
            };
            var started = Stopwatch.GetTimestamp();
            await ledger.CommitAsync(tenant, commit);
            if (latencies is not null)
            {
                latencies[i] = Stopwatch.GetTimestamp() - started;
            }
        }
    }

    private static double Ms(long[] sorted, double share) =>
        sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))] * 1000.0 / Stopwatch.Frequency;
}
