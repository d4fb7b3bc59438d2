using System.Globalization;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Ai;

/// <summary>What usage is told apart by.</summary>
public enum UsageGrouping
{
    /// <summary>The provider and the model.</summary>
    Model,

    /// <summary>The provider.</summary>
    Provider,

    /// <summary>The run.</summary>
    Run,

    /// <summary>The run and the step.</summary>
    Step,

    /// <summary>Who asked: for a run, whoever started its tree.</summary>
    Actor,
}

/// <summary>What a number of answers took.</summary>
/// <param name="Key">What they have in common; parts are joined with <c>/</c>. Empty for the total, and for the run of what was asked outside runs.</param>
/// <param name="Calls">How many times a model was asked.</param>
/// <param name="Failed">How many of them gave no answer.</param>
/// <param name="PromptTokens">Tokens of the questions.</param>
/// <param name="OutputTokens">Tokens of the answers.</param>
/// <param name="LatencyMs">Milliseconds that the models took, all together.</param>
/// <param name="CostUsd">What they cost in US dollars, exact.</param>
/// <param name="Unpriced">How many of them have no price, so that the cost is too low.</param>
public sealed record UsageLine(string Key, long Calls, long Failed, long PromptTokens, long OutputTokens, long LatencyMs, string CostUsd, long Unpriced);

/// <summary>Usage as the log tells it.</summary>
/// <param name="UpTo">The sequence of the last entry that was looked at.</param>
/// <param name="Total">All of it.</param>
/// <param name="Groups">Its parts, by key. They add up to the total.</param>
public sealed record UsageTotals(long UpTo, UsageLine Total, IReadOnlyList<UsageLine> Groups);

/// <summary>Adds up what models took, from the entries <c>ai.response</c> and <c>ai.failed</c>: the log is the only account.</summary>
public sealed class UsageReport(ILedger ledger)
{
    private readonly LogReader log = new(ledger);

    /// <summary>Adds up.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="filter">Which entries count; its type is set here.</param>
    /// <param name="by">What the groups are.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<UsageTotals> AddUpAsync(string tenant, LogFilter filter, UsageGrouping by, CancellationToken cancellationToken = default)
    {
        var upTo = (await ledger.ReadHeadAsync(tenant, cancellationToken)).Sequence;
        var (total, groups) = (new Sum(), new SortedDictionary<string, Sum>(StringComparer.Ordinal));
        for (long? after = 0; after is { } from;)
        {
            var page = await log.FindAsync(tenant, filter with { Type = "ai.*", Actor = null }, from, 500, cancellationToken);
            foreach (var (stored, entry) in page.Entries)
            {
                if (entry.Sequence <= upTo && entry.Type is EventTypes.AiResponse or EventTypes.AiFailed && !stored.IsErased)
                {
                    var facts = JsonElement.Parse(stored.Payload.Span);
                    if (filter.Actor is { } actor && ActorOf(entry, facts) != actor)
                    {
                        continue;
                    }

                    total.Add(entry, facts);
                    var key = KeyOf(by, entry, facts);
                    groups.TryAdd(key, new Sum());
                    groups[key].Add(entry, facts);
                }
            }

            after = page.Next < upTo ? page.Next : null;
        }

        return new UsageTotals(upTo, total.Line(""), [.. groups.Select(group => group.Value.Line(group.Key))]);
    }

    // What a run asks is asked for whoever started it.
    private static string ActorOf(LogEntry entry, JsonElement facts) =>
        facts.TryGetProperty("requester", out var requester) ? requester.GetString()! : entry.Actor;

    private static string KeyOf(UsageGrouping by, LogEntry entry, JsonElement facts) => by switch
    {
        UsageGrouping.Run => entry.Run,
        UsageGrouping.Step => $"{entry.Run}/{entry.Step}",
        UsageGrouping.Actor => ActorOf(entry, facts),
        UsageGrouping.Provider => facts.GetProperty("provider").GetString()!,
        _ => $"{facts.GetProperty("provider").GetString()}/{facts.GetProperty("model").GetString()}",
    };

    private sealed class Sum
    {
        private long calls, failed, prompt, output, latency, unpriced;
        private decimal cost;

        public void Add(LogEntry entry, JsonElement facts)
        {
            calls++;
            failed += entry.Type == EventTypes.AiFailed ? 1 : 0;
            prompt += Number(facts, "prompt_tokens");
            output += Number(facts, "output_tokens");
            latency += Number(facts, "latency_ms");
            if (facts.TryGetProperty("cost_usd", out var usd))
            {
                cost += decimal.Parse(usd.GetString()!, CultureInfo.InvariantCulture);
            }
            else if (entry.Type == EventTypes.AiResponse || facts.TryGetProperty("prompt_tokens", out _))
            {
                unpriced++;
            }
        }

        public UsageLine Line(string key) =>
            new(key, calls, failed, prompt, output, latency, cost.ToString("0.############", CultureInfo.InvariantCulture), unpriced);

        private static long Number(JsonElement facts, string name) => facts.TryGetProperty(name, out var number) ? number.GetInt64() : 0;
    }
}
