using System.Text;
using System.Text.RegularExpressions;
using Countersign.Ledger;

namespace Countersign.Features.Tests.Histories;

/// <summary>All that a ledger keeps of a run and of the runs that it called, as text that is the same each time the run happens.</summary>
internal sealed partial class RunHistory(ILedger ledger, string tenant)
{
    private const int All = 1_000;
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private readonly StringBuilder text = new();

    /// <summary>Rows, calls and entries of the run, then of its children in the order in which they were started.</summary>
    public async Task<string> ReadAsync(string run)
    {
        var runs = new List<string> { run };
        for (var at = 0; at < runs.Count; at++)
        {
            Name(runs[at], "run");
            await AddAsync(runs[at]);
            var children = await ledger.ScanRowsAsync(tenant, RowKeys.Children(runs[at]), null, All);
            runs.AddRange(children.Select(row => row.Key[(row.Key.LastIndexOf('|') + 1)..]).Order(StringComparer.Ordinal));
        }

        return text.ToString();
    }

    private async Task AddAsync(string run)
    {
        text.Append('[').Append(names[run]).Append("]\n");
        var row = await ledger.ReadRowAsync(tenant, RowKeys.Run(run));
        Line("row", "run|" + run, Encoding.UTF8.GetString(row!.Value.Span));
        foreach (var prefix in new[] { RowKeys.Wait(run, ""), RowKeys.Children(run), RowKeys.Tree(run) })
        {
            foreach (var kept in await ledger.ScanRowsAsync(tenant, prefix, null, All))
            {
                Line("row", kept.Key, Encoding.UTF8.GetString(kept.Value.Span));
            }
        }

        // Branches end in any order, and what they did is told by its key, not by its place.
        foreach (var call in (await ledger.ReadRunCallsAsync(tenant, run)).OrderBy(call => call.Key, StringComparer.Ordinal).ThenBy(call => call.Number))
        {
            Line("call", $"{call.Key} {call.Number}", call.Answer is { } answer ? Encoding.UTF8.GetString(answer.Span) : "open");
        }

        var entries = await ledger.ReadRunEntriesAsync(tenant, run, 0, All);
        foreach (var (entry, payload) in entries.Select(stored => (EntryCodec.Decode(stored.Bytes.Span), Encoding.UTF8.GetString(stored.Payload.Span))).OrderBy(pair => pair.Item1.EventId, StringComparer.Ordinal))
        {
            Line("entry", $"{entry.EventId} {entry.Type} {entry.Actor} {entry.Step}", payload);
        }
    }

    private void Line(string kind, string key, string value) => text.Append(kind).Append(' ').Append(Stable(key)).Append("\n  ").Append(Stable(value)).Append('\n');

    private string Stable(string written)
    {
        written = Hash().Replace(written, match => Name(match.Value, "hash"));
        written = Id().Replace(written, match => Name(match.Value, "id"));
        written = Time().Replace(written, "<time>");
        written = Port().Replace(written, "127.0.0.1:<port>");
        written = Chance().Replace(written, "\"$1\":\"<varies>\"");
        written = Size().Replace(written, "\"n\":\"<varies>\"");
        written = Duration().Replace(written, "\"$1\":\"<varies>\"");
        return written;
    }

    private string Name(string value, string kind)
    {
        if (!names.TryGetValue(value, out var name))
        {
            name = $"<{kind} {names.Values.Count(known => known.StartsWith($"<{kind} ", StringComparison.Ordinal)) + 1}>";
            names[value] = name;
        }

        return name;
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")]
    private static partial Regex Hash();

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    [GeneratedRegex("\"(nonce|date|salt)\":\"[^\"]*\"")]
    private static partial Regex Chance();

    // The size of a value that holds a time or an address: their fractions and ports have more or fewer digits.
    [GeneratedRegex("\"n\":\\d+")]
    private static partial Regex Size();

    [GeneratedRegex("\"([a-z_]+_ms|late)\":\\d+")]
    private static partial Regex Duration();
}
