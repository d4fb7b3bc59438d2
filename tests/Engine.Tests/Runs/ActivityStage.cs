using System.Text.Json;
using Countersign.Access;
using Countersign.Artifacts;
using Countersign.Composition;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Sqlite;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Activities on real stores, called one by one as an engine would call them, with a run that no engine ever hears of.</summary>
internal sealed class ActivityStage : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly DataFolder data;
    private readonly Deaf deaf = new();

    public ActivityStage()
    {
        data = DataFolder.Open(folder.Path, TimeProvider.System);
        Ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        Artifacts = FileArtifactStore.Open(data);
    }

    public SqliteLedger Ledger { get; }

    public IArtifactStore Artifacts { get; }

    public Principal Alice { get; } = new("acme", "alice", [Role.Admin]);

    public CoreServices Core(params IStepExecutor[] executors) =>
        new(new CoreParts { Ledger = Ledger, Artifacts = Artifacts, Executors = [.. executors] });

    public RunActivities Activities(CoreServices core) => core.Activities(deaf);

    public RunCommands Commands(CoreServices core) => core.Commands(deaf);

    public async Task<Definition> DefineAsync(CoreServices core, string yaml)
    {
        var read = DefinitionReader.Read(yaml);
        Assert.True(read.Definition is not null, string.Join(Environment.NewLine, read.Problems));
        await core.Workflows.SaveAsync(Alice, read.Definition, SaveRequest.Plain());
        return read.Definition;
    }

    public async Task<RunIdentity> StartAsync(CoreServices core, Definition definition)
    {
        var started = await core.Starts(deaf).StartAsync(Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
        return new RunIdentity("acme", started.Run.Id);
    }

    public static ExecutionRequest Execution(RunIdentity run, Definition definition, string step, ScopeValues? scope = null) => new()
    {
        Step = new StepRef(step, 1, 1),
        StepId = step,
        Kind = definition.FindStep(step)!.Kind,
        Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"),
        Scope = scope ?? new ScopeValues(),
    };

    public async Task<IEnumerable<string>> TypesAsync(RunIdentity run) =>
        (await Ledger.ReadRunEntriesAsync("acme", run.Id, 0, 100)).Select(entry => EntryCodec.Decode(entry.Bytes.Span).Type);

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        data.Dispose();
        folder.Dispose();
    }

    private sealed class Deaf : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
