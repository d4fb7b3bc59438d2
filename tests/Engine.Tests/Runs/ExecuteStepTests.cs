using System.Text.Json;
using Countersign.Access;
using Countersign.Composition;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Sqlite;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Engine.Tests.Runs;

public sealed class ExecuteStepTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private DataFolder data = null!;
    private SqliteLedger ledger = null!;
    private CoreServices core = null!;

    public Task InitializeAsync()
    {
        data = DataFolder.Open(folder.Path, TimeProvider.System);
        ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = FileArtifactStore.Open(data), Executors = [new Endless()] });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        data.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task RunAsync_TimeIsUpAfterSomethingWasBilled_LogsWhatWasBilled()
    {
        var definition = DefinitionReader.Read("""
            language: "1.0"
            name: endless
            version: 1.0.0
            start: ask
            steps: [ { id: ask, type: ai_generate, prompt: "?", timeout: 1s } ]
            """).Definition!;
        var alice = new Principal("acme", "alice", [Role.Admin]);
        await core.Workflows.SaveAsync(alice, definition, "save");
        var deaf = new Deaf();
        var started = await core.Starts(deaf).StartAsync(alice, new StartRequest { Workflow = "endless", Input = JsonElement.Parse("{}") });
        var run = new RunIdentity("acme", started.Run.Id);

        var answer = await core.Activities(deaf).Execute.RunAsync(
            new Delivery { Run = run, Nonce = "one" },
            new ExecutionRequest
            {
                Step = new StepRef("ask", 1, 1),
                StepId = "ask",
                Kind = "ai_generate",
                Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"),
                Scope = new ScopeValues(),
            },
            CancellationToken.None);

        Assert.Equal("step.timeout", answer.Error!.Type);
        var entries = await ledger.ReadRunEntriesAsync("acme", run.Id, 0, 100);
        Assert.Equal(
            [EventTypes.RunCreated, EventTypes.StepStarted, EventTypes.AiResponse, EventTypes.StepFailed],
            entries.Select(entry => EntryCodec.Decode(entry.Bytes.Span).Type));
    }

    private sealed class Endless : IStepExecutor
    {
        public string Kind => "ai_generate";

        public bool HasOutsideEffects => true;

        public async ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            execution.Note(new ExecutorEntry(EventTypes.AiResponse, "1", JsonElement.Parse("{}")));
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return ExecutorResult.Done(null);
        }
    }

    private sealed class Deaf : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
