using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Ledger;

namespace Countersign.Api.Tests;

/// <summary>Whatever is in the log, usage is its sum: over random logs, for every grouping and filter, and while others go on writing.</summary>
public sealed class UsageTests(ApiServer server) : IClassFixture<ApiServer>
{
    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task AddUp_RandomLog_TotalsAreTheSumOfItsEvents(ulong seed)
    {
        var (tenant, random) = ($"usage-{seed}", new Dice(seed));
        var ledger = server.Host.Core.Parts.Ledger;
        var written = new List<(EntryDraft Draft, JsonElement Facts)>();
        for (var left = 1 + random.Next(1200); left > 0;)
        {
            var drafts = Enumerable.Range(0, Math.Min(left, 1 + random.Next(40))).Select(_ => Draft(random, written.Count + random.Next(int.MaxValue))).ToImmutableArray();
            await ledger.CommitAsync(tenant, new LedgerCommit { Entries = drafts });
            written.AddRange(drafts.Select(draft => (draft, JsonElement.Parse(draft.Payload.Span))));
            left -= drafts.Length;
        }

        foreach (var by in Enum.GetValues<UsageGrouping>())
        {
            foreach (var (run, actor) in new (string?, string?)[] { (null, null), ("r-1", null), (null, "eve"), ("r-2", "ann") })
            {
                var usage = await new UsageReport(ledger).AddUpAsync(tenant, new LogFilter { Run = run, Actor = actor }, by);
                var counted = written.Where(entry => entry.Draft.Type is "ai.response" or "ai.failed" && (run is null || entry.Draft.Run == run) && (actor is null || entry.Draft.Actor == actor)).ToArray();
                Assert.Equal(Expected("", counted), usage.Total);
                var groups = counted.GroupBy(entry => KeyOf(by, entry.Draft, entry.Facts), StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
                Assert.Equal(groups.Select(group => Expected(group.Key, group)), usage.Groups);
                Assert.Equal(usage.Total, Sum(usage.Groups));
            }
        }
    }

    [Fact]
    public async Task AddUp_WhileOthersWrite_IsTheSumUpToTheEntryThatItNames()
    {
        const string Tenant = "usage-busy";
        var (ledger, random, stop) = (server.Host.Core.Parts.Ledger, new Dice(99), new CancellationTokenSource());
        var writing = Task.Run(async () =>
        {
            for (var n = 0; n < 3000 && !stop.IsCancellationRequested; n += 10)
            {
                await ledger.CommitAsync(Tenant, new LedgerCommit { Entries = [.. Enumerable.Range(n, 10).Select(at => Draft(random, at))] });
            }
        });
        for (var n = 0; n < 10; n++)
        {
            var usage = await new UsageReport(ledger).AddUpAsync(Tenant, new LogFilter(), UsageGrouping.Model);
            var entries = new List<(EntryDraft, JsonElement)>();
            for (var after = 0L; after < usage.UpTo;)
            {
                foreach (var stored in await ledger.ReadEntriesAsync(Tenant, after + 1, 500))
                {
                    var entry = EntryCodec.Decode(stored.Bytes.Span);
                    after = entry.Sequence;
                    if (entry.Sequence <= usage.UpTo && entry.Type is "ai.response" or "ai.failed")
                    {
                        entries.Add((new EntryDraft { EventId = entry.EventId, Type = entry.Type, Actor = entry.Actor, Payload = stored.Payload }, JsonElement.Parse(stored.Payload.Span)));
                    }
                }
            }

            Assert.Equal(Expected("", entries), usage.Total);
        }

        await stop.CancelAsync();
        await writing;
    }

    private static EntryDraft Draft(Dice random, int number)
    {
        var type = random.Next(10) switch { < 6 => "ai.response", < 8 => "ai.failed", 8 => "ai.repair", _ => "api.response" };
        var facts = new LogPayload().Add("latency_ms", random.Next(100_000)).Add("model", "m-" + random.Next(3)).Add("provider", "p-" + random.Next(2));
        if (type == "ai.response" || random.Next(2) == 0)
        {
            facts = facts.Add("prompt_tokens", random.Next(1_000_000)).Add("output_tokens", random.Next(1_000_000));
            facts = random.Next(4) == 0 ? facts : facts.Add("cost_usd", (random.Next(int.MaxValue) / 1_000_000_000m).ToString("0.############", CultureInfo.InvariantCulture));
        }

        return new EntryDraft
        {
            EventId = EventId.Outside($"{number}-{random.Next(int.MaxValue)}", type),
            Type = type,
            Actor = random.Next(2) == 0 ? "eve" : "ann",
            Run = random.Next(4) is > 0 and var run ? "r-" + run : "",
            Step = "s-" + random.Next(2),
            Payload = facts.ToBytes(),
        };
    }

    private static string KeyOf(UsageGrouping by, EntryDraft draft, JsonElement facts) => by switch
    {
        UsageGrouping.Run => draft.Run,
        UsageGrouping.Step => draft.Run + "/" + draft.Step,
        UsageGrouping.Actor => draft.Actor,
        UsageGrouping.Provider => facts.Text("provider"),
        _ => facts.Text("provider") + "/" + facts.Text("model"),
    };

    private static UsageLine Expected(string key, IEnumerable<(EntryDraft Draft, JsonElement Facts)> entries)
    {
        var all = entries.ToArray();
        long Sum(string name) => all.Sum(entry => entry.Facts.TryGetProperty(name, out var number) ? number.GetInt64() : 0);
        return new UsageLine(
            key,
            all.Length,
            all.Count(entry => entry.Draft.Type == "ai.failed"),
            Sum("prompt_tokens"),
            Sum("output_tokens"),
            Sum("latency_ms"),
            all.Sum(entry => entry.Facts.TryGetProperty("cost_usd", out var cost) ? decimal.Parse(cost.GetString()!, CultureInfo.InvariantCulture) : 0).ToString("0.############", CultureInfo.InvariantCulture),
            all.Count(entry => entry.Facts.TryGetProperty("prompt_tokens", out _) && !entry.Facts.TryGetProperty("cost_usd", out _)));
    }

    private static UsageLine Sum(IReadOnlyList<UsageLine> groups) => new(
        "",
        groups.Sum(group => group.Calls),
        groups.Sum(group => group.Failed),
        groups.Sum(group => group.PromptTokens),
        groups.Sum(group => group.OutputTokens),
        groups.Sum(group => group.LatencyMs),
        groups.Sum(group => decimal.Parse(group.CostUsd, CultureInfo.InvariantCulture)).ToString("0.############", CultureInfo.InvariantCulture),
        groups.Sum(group => group.Unpriced));

    /// <summary>SplitMix64.</summary>
    private sealed class Dice(ulong seed)
    {
        private ulong state = seed;

        public int Next(int most)
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)most);
        }
    }
}
