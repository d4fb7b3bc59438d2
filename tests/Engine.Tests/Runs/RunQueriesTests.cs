using System.Globalization;
using System.Text.Json;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Lists over a hundred thousand runs: whatever the filter, every run that fits comes once, the newest first.</summary>
public sealed class RunQueriesTests : IAsyncLifetime
{
    private const int Runs = 100_000;
    private const int Rare = 25_000;

    private readonly TempFolder folder = new();
    private SqliteLedger ledger = null!;

    public async Task InitializeAsync()
    {
        ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder["journal.db"] });
        var began = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var value = RunValues.Inline(JsonElement.Parse("{}"));
        for (var batch = 0; batch < Runs; batch += 1000)
        {
            await ledger.CommitAsync("acme", new LedgerCommit { Rows = [.. Enumerable.Range(batch, 1000).Select(RowOf)] });
        }

        RowWrite RowOf(int number)
        {
            var created = began.AddSeconds(number);
            var run = new RunRow
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{created.ToUnixTimeMilliseconds():x12}{number:x20}"),
                Workflow = number % 2 == 0 ? "even" : "odd",
                Version = "1.0.0",
                Definition = new string('0', 64),
                Status = number % Rare == 0 ? RunStatus.Failed : RunStatus.Completed,
                Requester = "alice",
                Root = "x",
                CorrelationId = "x",
                Created = created,
                Input = value,
                Profile = value,
            };
            return RowWrite.Insert(RowKeys.Run(run.Id), run.ToBytes());
        }
    }

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task ListAsync_HundredThousandRuns_EachOnceNewestFirst()
    {
        var all = await WalkAsync(new RunFilter(null, null), 200);
        Assert.Equal(Runs, all.Count);
        Assert.Equal(all.Select(run => run.Created).OrderDescending(), all.Select(run => run.Created));

        var failed = await WalkAsync(new RunFilter(RunStatus.Failed, null), 50);
        Assert.Equal(Enumerable.Range(0, Runs / Rare).Reverse().Select(i => (long)i * Rare), failed.Select(run => Convert.ToInt64(run.Id[12..], 16)));
        Assert.Equal(Runs / 2, (await WalkAsync(new RunFilter(RunStatus.Completed, "odd"), 200)).Count);
        Assert.Empty(await WalkAsync(new RunFilter(RunStatus.Parked, null), 200));
    }

    private async Task<List<RunRow>> WalkAsync(RunFilter filter, int limit)
    {
        var queries = new RunQueries(ledger);
        var found = new List<RunRow>();
        string? after = null;
        do
        {
            var page = await queries.ListAsync("acme", filter, after, limit);
            Assert.True(page.Items.Count <= limit);
            found.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        return found;
    }
}
