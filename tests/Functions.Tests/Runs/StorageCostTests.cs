using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;
using Countersign.Tests.Tools;
using Xunit.Abstractions;

namespace Countersign.Functions.Tests.Runs;

/// <summary>
/// What steps, waits and ends cost on Azure: executions of functions, transactions of the ledger's account and of the task hub's.
/// Counted from the difference of two runs of one shape, so that what a run costs by itself falls out. Polls of idle queues are left out.
/// </summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class StorageCostTests(FunctionsHost host, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Few = 1;
    private const int Many = 9;

    private RemoteService remote = null!;
    private AzureStores stores = null!;
    private CoreServices core = null!;

    /// <summary>What one more of something costs; the columns of the table in docs/azure-cost.md.</summary>
    private sealed record Cost(
        double Activities, double Turns, double LedgerReads, double LedgerTransactions, double HubQueue, double HubTable, double HubBlob)
    {
        public double[] Columns => [Activities, Turns, LedgerReads, LedgerTransactions, HubQueue, HubTable, HubBlob];
    }

    public async Task InitializeAsync()
    {
        remote = await RemoteService.StartAsync();
        stores = await AzureStores.CreateAsync(new AzureStoresOptions { ConnectionString = host.ConnectionString, ArtifactKey = FunctionsHost.ArtifactKey });
        core = new CoreServices(new CoreParts { Ledger = stores.Ledger, Artifacts = stores.Artifacts, Executors = [] });
    }

    public async Task DisposeAsync()
    {
        await remote.DisposeAsync();
        await stores.Ledger.DisposeAsync();
    }

    [Fact]
    public async Task Step_WithoutOutsideEffects_CostsOneActivity()
    {
        var cost = await PerPieceAsync(Chain(i => $"{{ id: s{i}, type: emit, event: custom.done, next: s{i + 1} }}"));
        Assert.Equal(1, Math.Round(cost.Activities));
        IsAsDocumented("step without outside effects", cost);
    }

    [Fact]
    public async Task Step_WithOutsideEffects_CostsOneActivity()
    {
        var cost = await PerPieceAsync(Chain(i => $"{{ id: s{i}, type: api_call, method: POST, url: \"{remote.Address}/step\", next: s{i + 1} }}"));
        Assert.Equal(1, Math.Round(cost.Activities));
        IsAsDocumented("step with outside effects", cost);
    }

    [Fact]
    public async Task Step_UnderAFreeLock_CostsTwoActivitiesMore()
    {
        var cost = await PerPieceAsync(Chain(i => $"{{ id: s{i}, type: api_call, method: POST, url: \"{remote.Address}/step\", mutex: free, next: s{i + 1} }}"));
        Assert.Equal(3, Math.Round(cost.Activities));
        IsAsDocumented("step with outside effects under a lock that is free", cost);
    }

    [Fact]
    public async Task Branch_OfAFan_CostsOneActivity()
    {
        var cost = await PerPieceAsync(n => "{ id: s0, type: parallel, next: last, branches: ["
            + string.Join(", ", Enumerable.Range(0, n).Select(i => $"{{ name: b{i}, start: e{i}, steps: [{{ id: e{i}, type: emit, event: custom.done }}] }}")) + "] }");
        Assert.Equal(1, Math.Round(cost.Activities));
        IsAsDocumented("branch of a fan, of one step", cost);
    }

    [Fact]
    public async Task Wait_DecidedByAPerson_CostsTwoActivities()
    {
        var cost = await PerPieceAsync(
            Chain(i => $"{{ id: s{i}, type: approval, approvers: {{ role: approver }}, show: {{ n: {i} }}, expires: 1h, next: s{i + 1} }}"), DecideAsync);
        Assert.Equal(2, Math.Round(cost.Activities));
        IsAsDocumented("approval, with the decision", cost);
    }

    [Fact]
    public async Task Run_ClaimAndEnd_CostTwoActivities()
    {
        var cost = await RunAsync(0, _ => "", null);

        // The one step of the run is the one that tells this test that it has come to its end.
        Assert.Equal(3, Math.Round(cost.Activities));
        IsAsDocumented("claim, one call, end", cost);
    }

    // A chain whose last step goes on to the one that tells this test.
    private static Func<int, string> Chain(Func<int, string> step) =>
        n => string.Join("\n  - ", Enumerable.Range(0, n).Select(i => step(i).Replace($"next: s{n} ", "next: last ", StringComparison.Ordinal)));

    private async Task<Cost> PerPieceAsync(Func<int, string> steps, Func<RunIdentity, int, Task>? act = null)
    {
        var few = (await RunAsync(Few, steps, act)).Columns;
        var many = (await RunAsync(Many, steps, act)).Columns;
        var each = few.Zip(many, (less, more) => Math.Round((more - less) / (Many - Few), 2)).ToArray();
        return new Cost(each[0], each[1], each[2], each[3], each[4], each[5], each[6]);
    }

    // Renewals and retries come and go; a cost that has really changed is to be written down.
    private void IsAsDocumented(string piece, Cost cost)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {piece} | {string.Join(" | ", cost.Columns.Select(column => column.ToString("0.#", CultureInfo.InvariantCulture)))} |"));
        var row = File.ReadLines(Path.Combine(FunctionsHost.Repository, "docs", "azure-cost.md")).Single(line => line.StartsWith($"| {piece} |", StringComparison.Ordinal));
        var documented = row.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[1..].Select(text => double.Parse(text, CultureInfo.InvariantCulture));
        Assert.All(documented.Zip(cost.Columns), pair => Assert.InRange(pair.Second, pair.First - 1 - (pair.First / 3), pair.First + 1 + (pair.First / 3)));
    }

    private async Task<Cost> RunAsync(int pieces, Func<int, string> steps, Func<RunIdentity, int, Task>? act)
    {
        var tenant = "cost-" + Guid.NewGuid().ToString("N")[..8];
        var done = new TaskCompletionSource();
        remote.On($"/done/{tenant}", (_, _) =>
        {
            done.TrySetResult();
            return Task.FromResult((200, "{}"));
        });
        var yaml = $"""
            language: "1.0"
            name: cost
            version: 1.0.0
            start: {(pieces == 0 ? "last" : "s0")}
            steps:
              {(pieces == 0 ? "" : "- " + steps(pieces))}
              - {"{"} id: last, type: api_call, method: POST, url: "{remote.Address}/done/{tenant}" {"}"}
            """;
        var read = DefinitionReader.Read(yaml);
        Assert.True(read.Definition is not null, string.Join(Environment.NewLine, read.Problems) + yaml);
        var alice = new Principal(tenant, "alice", [Role.Engineer]);
        await core.Workflows.SaveAsync(alice, read.Definition, SaveRequest.Plain());
        var started = await core.Starts(new Silent()).StartAsync(alice, new StartRequest { Workflow = "cost", Input = JsonElement.Parse("{}") });
        var run = new RunIdentity(tenant, started.Run.Id);
        await SettleAsync();
        Take();
        (await host.Client.PostAsync(new Uri($"/runs/{tenant}/{run.Id}/start", UriKind.Relative), null)).EnsureSuccessStatusCode();
        for (var i = 0; act is not null && i < pieces; i++)
        {
            await act(run, i);
        }

        await Task.WhenAny(done.Task, Task.Delay(TimeSpan.FromMinutes(2)));
        Assert.True(done.Task.IsCompleted, $"The run has not come to its end: {(await core.Rows.ReadAsync(run)).Run}");
        await SettleAsync();
        return Take();
    }

    // A person's part is done in this process and is not the step's cost: its requests are few and the same for every step.
    private async Task DecideAsync(RunIdentity run, int i)
    {
        var waits = core.Waits(new Silent());
        WaitRow? wait;
        while ((wait = await waits.FindAsync(run, $"s{i}:1:1")) is null)
        {
            await Task.Delay(500);
        }

        await new Approvals(waits).DecideAsync(new Principal(run.Tenant, "bob", [Role.Approver]), wait.Id, new Decision(true, wait.Shown!.Hash, null));
        (await host.Client.PostAsync(new Uri($"/runs/{run.Tenant}/{run.Id}/poke?wait={wait.Key}", UriKind.Relative), null)).EnsureSuccessStatusCode();
    }

    private Cost Take()
    {
        var executed = host.TakeExecutions();

        // A sweep that found nothing: the tenants' names, and one query for each of them.
        var ledger = host.Ledger.TakeRequests()
            .Where(request => !request.Contains("tenants()", StringComparison.Ordinal) && !request.Contains("r%7Cdue", StringComparison.Ordinal))
            .ToList();
        var hub = host.Hub.TakeRequests().Where(request => !IsIdle(request)).ToList();
        var (queue, table) = (hub.Count(IsOfQueue), hub.Count(IsOfTable));
        var transactions = ledger.Count(request => request.StartsWith("POST", StringComparison.Ordinal));
        return new Cost(
            Activities(executed),
            executed.Count(name => name == "RunWorkflow"),
            ledger.Count - transactions,
            transactions,
            queue,
            table,
            hub.Count - queue - table);
    }

    private static bool IsOfQueue(string request) => request.Contains("/messages", StringComparison.Ordinal);

    private static bool IsOfTable(string request) =>
        request.Contains("$batch", StringComparison.Ordinal) || request.Contains("Instances", StringComparison.Ordinal) || request.Contains("History", StringComparison.Ordinal);

    // Reads of queues and leases go on whether there is work or not.
    private static bool IsIdle(string request) =>
        request.Contains("/messages?numofmessages", StringComparison.OrdinalIgnoreCase)
        || request.Contains("comp=lease", StringComparison.OrdinalIgnoreCase)
        || request.Contains("-leases", StringComparison.OrdinalIgnoreCase)
        || request.Contains("azure-webjobs-hosts", StringComparison.OrdinalIgnoreCase)
        || request.Contains("comp=metadata", StringComparison.OrdinalIgnoreCase)
        || request.Contains("peekonly", StringComparison.OrdinalIgnoreCase)
        || request.Contains("Partitions", StringComparison.Ordinal);

    private static int Activities(IReadOnlyList<string> executed) =>
        executed.Count(name => name is not ("RunWorkflow" or "SweepDue" or "ReconcileRuns" or "StartRun" or "ResumeRun"));

    // What follows the last call of a run: its end, and the hub's own bookkeeping.
    private static Task SettleAsync() => Task.Delay(TimeSpan.FromSeconds(3));

    private sealed class Silent : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
