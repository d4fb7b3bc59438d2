using System.Globalization;
using Azure.Data.Tables;
using Countersign.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Ledger;

namespace Countersign.Azure.Tests.Simulation;

/// <summary>Writers of one tenant: how many processes, how many writers in each, how much they offer together.</summary>
/// <param name="Processes">How many ledgers are open on the one table.</param>
/// <param name="Writers">How many writers each of them has.</param>
/// <param name="PerSecond">Entries offered in a second by all of them; a writer does not wait for its last entry to give the next.</param>
/// <param name="Seconds">For how long.</param>
internal sealed record Load(int Processes, int Writers, int PerSecond = 500, int Seconds = 30);

/// <summary>What came of it.</summary>
internal sealed record LoadResult
{
    /// <summary>Entries acknowledged in a second, over the time in which they were offered.</summary>
    public required double Sustained { get; init; }

    /// <summary>From when an entry was given until it was acknowledged, in milliseconds.</summary>
    public required double P50 { get; init; }

    public required double P95 { get; init; }

    public required double P99 { get; init; }

    /// <summary>The 95th percentile of the process that fared worst.</summary>
    public required double WorstProcessP95 { get; init; }

    public required double RequestsPerEntry { get; init; }

    public required int LostAnswers { get; init; }

    public required int Missing { get; init; }

    public required int Duplicates { get; init; }

    public required int Repeats { get; init; }

    public required bool Intact { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Sustained:F0}/s, p50 {P50:F0} ms, p95 {P95:F0} ms, p99 {P99:F0} ms, worst process p95 {WorstProcessP95:F0} ms, {RequestsPerEntry:F2} requests/entry, {LostAnswers} answers lost, {Missing} missing, {Duplicates} twice, {Repeats} taken for repeats, intact {Intact}");
}

/// <summary>Puts a load on ledgers that share a simulated table.</summary>
internal static class LoadSimulation
{
    private const string Tenant = "acme";

    public static LoadResult Run(Load load, ServiceShape shape, ulong seed)
    {
        var time = new VirtualTime();
        var random = new SplitMix(seed);
        var table = new SimulatedTable(time, shape, random);
        var latencies = new List<(int Process, double Milliseconds, DateTimeOffset Acknowledged)>();
        var (begin, repeats) = (time.GetUtcNow(), 0);
        time.Run(async () =>
        {
            var tenants = new SimulatedTable(time, shape with { LostAnswersPerThousand = 0 }, random);
            var ledgers = await Task.WhenAll(Enumerable.Range(0, load.Processes).Select(_ => OpenAsync(time, random, table, tenants)));
            var gap = TimeSpan.FromSeconds(1) * (load.Processes * load.Writers) / load.PerSecond;
            var appends = new List<Task>();
            await Task.WhenAll(Enumerable.Range(0, load.Processes * load.Writers).Select(async writer =>
            {
                await time.PassAsync(gap * (random.Next(1000) / 1000.0));
                for (var i = 0; i < load.PerSecond * load.Seconds / (load.Processes * load.Writers); i++)
                {
                    appends.Add(AppendAsync(writer % load.Processes, $"{writer}/{i}"));
                    await time.PassAsync(gap * (0.5 + (random.Next(1001) / 1000.0)));
                }
            }));
            await Task.WhenAll(appends);

            async Task AppendAsync(int process, string id)
            {
                var given = time.GetUtcNow();
                var receipt = await ledgers[process].CommitAsync(Tenant, new LedgerCommit { Entries = [Entry(id)] });
                repeats += receipt.Repeated ? 1 : 0;
                latencies.Add((process, (time.GetUtcNow() - given).TotalMilliseconds, time.GetUtcNow()));
            }
        });
        return Measure(load, table, latencies, begin, repeats);
    }

    private static LoadResult Measure(
        Load load, SimulatedTable table, List<(int Process, double Milliseconds, DateTimeOffset Acknowledged)> latencies, DateTimeOffset begin, int repeats)
    {
        var verifier = new ChainVerifier(ChainStart.Genesis(Tenant));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var entries = table.RowsOf(Tenant, "e|");
        foreach (var row in entries)
        {
            var stored = new StoredEntry(row.GetBinary("Bytes"), row.GetBinary("Salt"), row.GetBinary("Payload"));
            verifier.Add(stored);
            ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId);
        }

        var end = begin + TimeSpan.FromSeconds(load.Seconds);
        return new LoadResult
        {
            Sustained = latencies.Count(entry => entry.Acknowledged <= end) / (double)load.Seconds,
            P50 = Percentile(latencies.Select(entry => entry.Milliseconds), 50),
            P95 = Percentile(latencies.Select(entry => entry.Milliseconds), 95),
            P99 = Percentile(latencies.Select(entry => entry.Milliseconds), 99),
            WorstProcessP95 = latencies.GroupBy(entry => entry.Process).Max(process => Percentile(process.Select(entry => entry.Milliseconds), 95)),
            RequestsPerEntry = (table.Transactions + table.Reads) / (double)entries.Count,
            LostAnswers = table.Lost,
            Missing = latencies.Count - ids.Count,
            Duplicates = entries.Count - ids.Count,
            Repeats = repeats,
            Intact = verifier.Finish().Intact,
        };
    }

    private static double Percentile(IEnumerable<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }

    private static Task<TableLedger> OpenAsync(VirtualTime time, SplitMix random, SimulatedTable ledger, SimulatedTable tenants) => TableLedger.OpenAsync(
        _ => new SimulatedAccount(ledger, tenants),
        new NoArtifacts(),
        new TableLedgerOptions { Time = time, Pace = new WriterPace { Time = time, Scheduler = time.Scheduler, Draw = bound => random.Next(bound) } });

    private static EntryDraft Entry(string id) => new()
    {
        EventId = id,
        Type = EventTypes.StepCompleted,
        Run = "run-" + id[..id.IndexOf('/')],
        Payload = "{}"u8.ToArray(),
    };

    private sealed class NoArtifacts : IArtifactStore
    {
        public Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
