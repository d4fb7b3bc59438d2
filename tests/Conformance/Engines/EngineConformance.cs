using System.Text.Json;
using Countersign.Access;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Conformance.Engines;

/// <summary>
/// What <see cref="IEngine"/>, <see cref="IOrchestration"/> and the protocol promise, shown through definitions only, so that the very same
/// tests hold for every engine. An engine joins by deriving from this class and saying how it is started.
/// </summary>
public abstract partial class EngineConformance : IAsyncLifetime
{
    private EngineUnderTest? engine;

    /// <summary>A tenant that no other test uses.</summary>
    protected string Tenant { get; } = "acme-" + Guid.NewGuid().ToString("N")[..8];

    /// <summary>Who starts runs.</summary>
    protected Principal Alice => new(Tenant, "alice", [Role.Engineer]);

    /// <summary>Who approves.</summary>
    protected Principal Bob => new(Tenant, "bob", [Role.Approver]);

    /// <summary>The outside world.</summary>
    protected RemoteService Remote { get; private set; } = null!;

    /// <summary>The engine under test.</summary>
    protected EngineUnderTest Under
    {
        get => engine!;
        set => engine = value;
    }

    /// <summary>How long a test waits for something to come true before it fails.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>How often a test looks whether something has come true.</summary>
    protected virtual TimeSpan Glance => TimeSpan.FromMilliseconds(10);

    /// <summary>The engine under test, which may call the given address although it is loopback.</summary>
    protected abstract Task<EngineUnderTest> StartEngineAsync(string remoteAddress);

    /// <inheritdoc/>
    public virtual async Task InitializeAsync()
    {
        Remote = await RemoteService.StartAsync();
        engine = await StartEngineAsync(Remote.Address);
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync() => await Remote.DisposeAsync();

    /// <summary>Saves a definition, whose <c>$remote</c> stands for the remote service's address.</summary>
    protected Task<Definition> DefineAsync(string yaml) => DefineAsync(Alice, yaml);

    /// <summary>The same, as a person of any tenant.</summary>
    protected async Task<Definition> DefineAsync(Principal author, string yaml)
    {
        var result = DefinitionReader.Read(yaml.Replace("$remote", Remote.Address, StringComparison.Ordinal));
        Assert.True(result.Definition is not null, string.Join(Environment.NewLine, result.Problems));
        await Under.Core.Workflows.SaveAsync(author, result.Definition, SaveRequest.Plain());
        return result.Definition;
    }

    /// <summary>Defines and starts.</summary>
    protected async Task<RunIdentity> StartAsync(string yaml, string input = "{}")
    {
        var definition = await DefineAsync(yaml);
        return await StartAsync(definition, input);
    }

    /// <summary>Starts a run.</summary>
    protected Task<RunIdentity> StartAsync(Definition definition, string input = "{}") => StartAsync(Alice, definition, input);

    /// <summary>Starts a run as a person of any tenant.</summary>
    protected async Task<RunIdentity> StartAsync(Principal starter, Definition definition, string input = "{}")
    {
        var started = await Under.Core.Starts(Under.Engine).StartAsync(
            starter, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse(input) });
        return new RunIdentity(starter.Tenant, started.Run.Id);
    }

    /// <summary>The run's row.</summary>
    protected async Task<RunRow> RowAsync(RunIdentity run) => (await Under.Core.Rows.ReadAsync(run)).Run;

    /// <summary>Waits until the run has ended and checks how.</summary>
    protected async Task<RunRow> EndedAsync(RunIdentity run, RunStatus status = RunStatus.Completed)
    {
        var row = await UntilAsync(() => RowAsync(run), row => row.IsEnded || row.Status is RunStatus.Parked);
        Assert.True(row.Status == status, $"The run is {row.Status}: {row.Error?.Type} {row.Error?.Detail}");
        return row;
    }

    /// <summary>The output of a run that completed.</summary>
    protected async Task<JsonElement> OutputAsync(RunIdentity run) =>
        await Under.Core.Values.LoadAsync(Tenant, (await EndedAsync(run)).Output);

    /// <summary>Waits until a step of the run waits.</summary>
    protected async Task<WaitRow> WaitingAsync(RunIdentity run, string key)
    {
        var (row, wait) = await UntilAsync(
            async () => (Row: (await Under.Core.Rows.FindAsync(run))?.Run, Wait: await Waits.FindAsync(run, key)),
            found => found.Wait is not null || found.Row is { IsEnded: true });
        return wait ?? throw new InvalidOperationException($"The run is {row?.Status} and never waited for {key}: {row?.Error?.Type} {row?.Error?.Detail}");
    }

    /// <summary>Acts on waits.</summary>
    protected Waits Waits => Under.Core.Waits(Under.Engine);

    /// <summary>Approves or rejects what is shown.</summary>
    protected Task<WaitRow> DecideAsync(WaitRow wait, Principal approver, bool approved = true, Waits? through = null) =>
        new Approvals(through ?? Waits).DecideAsync(approver, wait.Id, new Decision(approved, wait.Shown!.Hash, null));

    /// <summary>Reads again and again until something is true.</summary>
    protected async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
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
            await Task.Delay(Glance);
        }
    }

    /// <summary>The entries of a run, in order.</summary>
    protected async Task<List<LogEntry>> EntriesAsync(RunIdentity run)
    {
        var entries = new List<LogEntry>();
        while (true)
        {
            var page = await Under.Core.Parts.Ledger.ReadRunEntriesAsync(Tenant, run.Id, entries.Count == 0 ? 0 : entries[^1].Sequence, 500);
            entries.AddRange(page.Select(stored => EntryCodec.Decode(stored.Bytes.Span)));
            if (page.Count < 500)
            {
                return entries;
            }
        }
    }

    /// <summary>How many entries of a type the run has.</summary>
    protected async Task<int> CountAsync(RunIdentity run, string type) => (await EntriesAsync(run)).Count(entry => entry.Type == type);

    /// <summary>The tenant's whole log is intact, and no event is in it twice.</summary>
    protected async Task LogIsIntactAsync()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var verifier = new ChainVerifier(ChainStart.Genesis(Tenant));
        for (long next = 1; ;)
        {
            var page = await Under.Core.Parts.Ledger.ReadEntriesAsync(Tenant, next, 500);
            foreach (var stored in page)
            {
                verifier.Add(stored);
                Assert.True(ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId), "An event is in the log twice.");
            }

            next += page.Count;
            if (page.Count < 500)
            {
                break;
            }
        }

        Assert.True(verifier.Finish().Intact);
    }
}
