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

    private sealed record Cost(double Activities, double Orchestrator, double Ledger, double Hub);

    public async Task InitializeAsync()
    {
        remote = await RemoteService.StartAsync();
        stores = await AzureStores.OpenAsync(new AzureStoresOptions { ConnectionString = host.ConnectionString, ArtifactKey = FunctionsHost.ArtifactKey });
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
        var cost = await PerStepAsync(i => $"{{ id: s{i}, type: emit, event: custom.done, next: s{i + 1} }}");
        Assert.Equal(1, cost.Activities);
        Assert.InRange(cost.Ledger, 1, 4);
    }

    [Fact]
    public async Task Step_WithOutsideEffects_CostsOneActivity()
    {
        var cost = await PerStepAsync(i => $"{{ id: s{i}, type: api_call, method: POST, url: \"{remote.Address}/step\", next: s{i + 1} }}");
        Assert.Equal(1, cost.Activities);
        Assert.InRange(cost.Ledger, 2, 5);
    }

    [Fact]
    public async Task Wait_DecidedByAPerson_CostsTwoActivities()
    {
        var cost = await PerStepAsync(i => $"{{ id: s{i}, type: wait, event: {{ name: go, timeout: 1h }}, next: s{i + 1} }}", DecideAsync);
        Assert.Equal(2, cost.Activities);
    }

    [Fact]
    public async Task Run_ClaimAndEnd_CostTwoActivities()
    {
        var (executed, ledger, hub) = await RunAsync(0, _ => "", null);

        // The one step of the run is the one that tells this test that it has come to its end.
        Assert.Equal(3, Activities(executed));
        output.WriteLine($"Claim, one call, end: {Activities(executed)} activities, {ledger} ledger requests, {hub} hub requests.");
    }

    private async Task<Cost> PerStepAsync(Func<int, string> step, Func<RunIdentity, int, Task>? act = null)
    {
        var few = await RunAsync(Few, step, act);
        var many = await RunAsync(Many, step, act);
        const double Steps = Many - Few;
        var cost = new Cost(
            (Activities(many.Executed) - Activities(few.Executed)) / Steps,
            (many.Executed.Count(name => name == "RunWorkflow") - few.Executed.Count(name => name == "RunWorkflow")) / Steps,
            (many.Ledger - few.Ledger) / Steps,
            (many.Hub - few.Hub) / Steps);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Per step: {cost}"));
        return cost;
    }

    private async Task<(IReadOnlyList<string> Executed, int Ledger, int Hub)> RunAsync(int steps, Func<int, string> step, Func<RunIdentity, int, Task>? act)
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
            start: s0
            steps:
              {string.Join("\n  ", Enumerable.Range(0, steps).Select(i => "- " + step(i)))}
              - {"{"} id: s{steps}, type: api_call, method: POST, url: "{remote.Address}/done/{tenant}" {"}"}
            """;
        var definition = DefinitionReader.Read(yaml).Definition!;
        var alice = new Principal(tenant, "alice", [Role.Engineer]);
        await core.Workflows.SaveAsync(alice, definition, SaveRequest.Plain());
        var started = await core.Starts(new Silent()).StartAsync(alice, new StartRequest { Workflow = "cost", Input = JsonElement.Parse("{}") });
        var run = new RunIdentity(tenant, started.Run.Id);
        await SettleAsync();
        Take();
        (await host.Client.PostAsync(new Uri($"/runs/{tenant}/{run.Id}/start", UriKind.Relative), null)).EnsureSuccessStatusCode();
        for (var i = 0; act is not null && i < steps; i++)
        {
            await act(run, i);
        }

        await done.Task.WaitAsync(TimeSpan.FromMinutes(2));
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

        await new Submissions(waits, core.Workflows, core.Values).ReceiveAsync(
            new Principal(run.Tenant, "bob", [Role.Approver]), wait.Id, "go", JsonElement.Parse("{}"));
        (await host.Client.PostAsync(new Uri($"/runs/{run.Tenant}/{run.Id}/poke?wait={wait.Key}", UriKind.Relative), null)).EnsureSuccessStatusCode();
    }

    private (IReadOnlyList<string> Executed, int Ledger, int Hub) Take()
    {
        var executed = host.TakeExecutions();
        var sweeps = executed.Count(name => name == "SweepDue");
        output.WriteLine(string.Join(' ', executed.GroupBy(name => name).Select(name => $"{name.Key}:{name.Count()}")));
        var ledger = host.Ledger.TakeRequests();
        var hub = host.Hub.TakeRequests();
        Describe("ledger", ledger);
        Describe("hub", hub);

        // A sweep that found nothing: the tenants' names, and one query for each of them.
        var swept = ledger.Count(request => request.Contains("tenants()", StringComparison.Ordinal) || request.Contains("r%7Cdue", StringComparison.Ordinal));
        _ = sweeps;
        return (executed, ledger.Count - swept, hub.Count(request => !IsIdle(request)));
    }

    private void Describe(string name, IReadOnlyList<string> requests) => output.WriteLine(name + ": " + string.Join(
        ' ',
        requests.Where(request => !IsIdle(request))
            .GroupBy(request => request.Split(['?', '('])[0] + (request.Contains("r%7Cdue", StringComparison.Ordinal) ? " due" : ""))
            .OrderByDescending(kind => kind.Count())
            .Take(12)
            .Select(kind => $"[{kind.Key} {kind.Count()}]")));

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
