using System.Text.Json;
using Countersign.Access;
using Countersign.Artifacts;
using Countersign.Composition;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Stores that are away while a run is brought into memory, or before an effect: the run stands still, and goes on.</summary>
public sealed class StorageTroubleTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly Sends sends = new();
    private DataFolder data = null!;
    private SqliteLedger ledger = null!;
    private Away artifacts = null!;
    private EmbeddedEngine engine = null!;
    private CoreServices core = null!;

    public Task InitializeAsync()
    {
        data = DataFolder.Open(folder.Path, TimeProvider.System);
        ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        artifacts = new Away(FileArtifactStore.Open(data));
        return OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await engine.DisposeAsync();
        await ledger.DisposeAsync();
        data.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Load_ArtifactsAreAway_RunGoesOnOnceTheyAreBack()
    {
        var run = await StartAsync();
        await UntilAsync(run, row => row.VisibleStatus is RunStatus.Waiting);
        await engine.DisposeAsync();
        artifacts.Failing = true;
        await OpenAsync();
        await core.Commands(engine).CancelAsync(Alice, run.Id, null);
        await UntilAsync(() => artifacts.Failures >= 2);
        Assert.False((await core.Rows.ReadAsync(run)).Run.IsEnded);

        artifacts.Failing = false;

        await UntilAsync(run, row => row.Status is RunStatus.Canceled);
    }

    [Fact]
    public async Task Execute_ArtifactsAreAwayBeforeTheEffect_OneEffectOnceTheyAreBack()
    {
        var run = await StartAsync();
        await UntilAsync(run, row => row.VisibleStatus is RunStatus.Waiting);
        artifacts.Failing = true;
        await new People.Submissions(core.Waits(engine), core.Workflows, core.Values).ReceiveAsync(Alice, $"{run.Id}.wait:1:1", "go", JsonElement.Parse("{}"));
        await UntilAsync(() => artifacts.Failures >= 2);
        Assert.Equal(0, sends.Count);

        artifacts.Failing = false;

        await UntilAsync(run, row => row.Status is RunStatus.Completed);
        Assert.Equal(1, sends.Count);
    }

    private static Principal Alice { get; } = new("acme", "alice", [Role.Engineer]);

    private Task OpenAsync()
    {
        core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = artifacts, Executors = [sends] });
        engine = new EmbeddedEngine(
            new EmbeddedEngineParts { Ledger = ledger, Workflows = core.Workflows, Executors = core.Executors, Activities = core.Activities, Sweep = core.Sweep },
            new EmbeddedEngineOptions(),
            NullLogger<EmbeddedEngine>.Instance);
        return engine.StartAsync();
    }

    // Its input is too large to travel, so that the step reads it from the artifacts.
    private async Task<RunIdentity> StartAsync()
    {
        var definition = DefinitionReader.ReadValid("""
            language: "1.0"
            name: sends
            version: 1.0.0
            start: wait
            steps:
              - { id: wait, type: wait, event: { name: go, timeout: 1h }, next: send }
              - { id: send, type: ai_generate, prompt: "${ input.text }" }
            """u8.ToArray());
        await core.Workflows.SaveAsync(Alice, definition, SaveRequest.Plain());
        var started = await core.Starts(engine).StartAsync(
            Alice, new StartRequest { Workflow = "sends", Input = JsonSerializer.SerializeToElement(new { text = new string('x', 20_000) }) });
        return new RunIdentity("acme", started.Run.Id);
    }

    private Task UntilAsync(RunIdentity run, Func<RunRow, bool> holds) => UntilAsync(async () => holds((await core.Rows.ReadAsync(run)).Run));

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private sealed class Away(IArtifactStore inner) : IArtifactStore
    {
        private int failures;

        public volatile bool Failing;

        public int Failures => Volatile.Read(ref failures);

        public Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            inner.PutAsync(tenant, hash, content, cancellationToken);

        public Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default)
        {
            if (!Failing)
            {
                return inner.GetAsync(tenant, hash, cancellationToken);
            }

            Interlocked.Increment(ref failures);
            throw new LedgerUnavailableException("The artifacts are away.");
        }

        public Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default) => inner.DeleteAsync(tenant, hash, cancellationToken);
    }

    private sealed class Sends : IStepExecutor
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public string Kind => "ai_generate";

        public bool HasOutsideEffects => true;

        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref count);
            return new(ExecutorResult.Done(null));
        }
    }
}
