using System.Text.Json;
using Countersign.Access;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Conformance.Engines;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Functions.Tests.Runs;

/// <summary>Runs of a tenant of its own on the real host, seen through a ledger of the test's own.</summary>
public abstract class OnTheHost(FunctionsHost host) : IAsyncLifetime
{
    // After a crash the host's successor waits for the leases of the task hub to expire: a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private AzureStores stores = null!;

    protected string Tenant { get; } = "acme-" + Guid.NewGuid().ToString("N")[..8];

    protected FunctionsHost Host => host;

    protected CoreServices Core { get; private set; } = null!;

    protected IEngine Engine { get; private set; } = null!;

    protected RemoteService Remote { get; private set; } = null!;

    protected Principal Alice => new(Tenant, "alice", [Role.Engineer]);

    protected Principal Bob => new(Tenant, "bob", [Role.Approver]);

    protected Waits Waits => Core.Waits(Engine);

    public async Task InitializeAsync()
    {
        Remote = await RemoteService.StartAsync();
        stores = await AzureStores.CreateAsync(new AzureStoresOptions { ConnectionString = host.ConnectionString, ArtifactKey = FunctionsHost.ArtifactKey });
        Core = new CoreServices(new CoreParts { Ledger = stores.Ledger, Artifacts = stores.Artifacts, Executors = [] });
        Engine = new RemoteEngine(host.Client);
    }

    public async Task DisposeAsync()
    {
        host.LedgerTables.Decide = (_, _) => Countersign.Tests.Tools.Fault.None;
        await Remote.DisposeAsync();
        await stores.Ledger.DisposeAsync();
    }

    protected async Task<RunIdentity> StartAsync(string name, string steps, string input = "{}")
    {
        var yaml = $"language: \"1.0\"\nname: {name}\nversion: 1.0.0\nstart: first\nsteps:\n{steps.Replace("$remote", Remote.Address, StringComparison.Ordinal)}\n";
        var read = DefinitionReader.Read(yaml);
        Assert.True(read.Definition is not null, string.Join(Environment.NewLine, read.Problems) + yaml);
        await Core.Workflows.SaveAsync(Alice, read.Definition, SaveRequest.Plain());
        var started = await Core.Starts(Engine).StartAsync(Alice, new StartRequest { Workflow = name, Input = JsonElement.Parse(input) });
        return new RunIdentity(Tenant, started.Run.Id);
    }

    protected async Task<RunRow> RowAsync(RunIdentity run) => (await Core.Rows.ReadAsync(run)).Run;

    protected async Task<RunRow> EndedAsync(RunIdentity run, RunStatus status = RunStatus.Completed)
    {
        var row = await UntilAsync(() => RowAsync(run), row => row.IsEnded || row.Status is RunStatus.Parked);
        Assert.True(row.Status == status, $"The run is {row.Status}: {row.Error?.Type} {row.Error?.Detail}");
        return row;
    }

    protected Task<RunRow> ParkedAsync(RunIdentity run) => UntilAsync(() => RowAsync(run), row => row.Status is RunStatus.Parked);

    protected async Task<WaitRow> WaitingAsync(RunIdentity run, string key) =>
        (await UntilAsync(async () => await Waits.FindAsync(run, key), wait => wait is not null))!;

    protected Task<WaitRow> ApproveAsync(WaitRow wait) => new Approvals(Waits).DecideAsync(Bob, wait.Id, new Decision(true, wait.Shown!.Hash, null));

    protected static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            Assert.False(patience.IsCancellationRequested, $"Did not come true in {Patience.TotalSeconds} s: {value}");
            await Task.Delay(200);
        }
    }

    protected async Task<List<LogEntry>> EntriesAsync(RunIdentity run) =>
        [.. (await Core.Parts.Ledger.ReadRunEntriesAsync(Tenant, run.Id, 0, 1000)).Select(stored => EntryCodec.Decode(stored.Bytes.Span))];

    protected async Task<int> CountAsync(RunIdentity run, string type) => (await EntriesAsync(run)).Count(entry => entry.Type == type);

    protected async Task LogIsIntactAsync()
    {
        var (verifier, ids) = (new ChainVerifier(ChainStart.Genesis(Tenant)), new HashSet<string>(StringComparer.Ordinal));
        while (await Core.Parts.Ledger.ReadEntriesAsync(Tenant, ids.Count + 1, 1000) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                verifier.Add(stored);
                Assert.True(ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId), "An event is in the log twice.");
            }
        }

        Assert.True(verifier.Finish().Intact);
    }
}
