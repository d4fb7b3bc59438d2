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

/// <summary>Point 7 of the protocol: storage trouble never uses up a step's attempts, and nothing is doubled by a lost acknowledgement.</summary>
public sealed class FailingLedgerTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private DataFolder data = null!;
    private SqliteLedger ledger = null!;

    public Task InitializeAsync()
    {
        data = DataFolder.Open(folder.Path, TimeProvider.System);
        ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        data.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExecuteStep_LedgerIsAwayOrItsAcknowledgementIsLost_OneAttemptOneEffectOneOutcome(bool lostAcknowledgement)
    {
        var counting = new Counting();
        var core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = FileArtifactStore.Open(data), Executors = [counting] });
        var definition = DefinitionReader.Read("""
            language: "1.0"
            name: counted
            version: 1.0.0
            start: ask
            steps: [ { id: ask, type: ai_generate, prompt: "?", retry: { attempts: 1 } } ]
            """).Definition!;
        var alice = new Principal("acme", "alice", [Role.Admin]);
        var deaf = new Deaf();
        await core.Workflows.SaveAsync(alice, definition, "save");
        var started = await core.Starts(deaf).StartAsync(alice, new StartRequest { Workflow = "counted", Input = JsonElement.Parse("{}") });
        var run = new RunIdentity("acme", started.Run.Id);
        var flaky = new Flaky(ledger, lostAcknowledgement);
        var activities = new CoreServices(core.Parts with { Ledger = flaky }).Activities(deaf);

        var answer = await activities.Execute.RunAsync(
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

        Assert.Equal(CallResult.Succeeded, answer.Result);
        Assert.Equal(1, counting.Executions);
        Assert.True(flaky.Failures >= 4);
        var entries = await ledger.ReadRunEntriesAsync("acme", run.Id, 0, 100);
        Assert.Equal(
            [EventTypes.RunCreated, EventTypes.StepStarted, EventTypes.StepCompleted],
            entries.Select(entry => EntryCodec.Decode(entry.Bytes.Span).Type));
    }

    private sealed class Counting : IStepExecutor
    {
        public int Executions { get; private set; }

        public string Kind => "ai_generate";

        public bool HasOutsideEffects => true;

        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            Executions++;
            return new(ExecutorResult.Done(null));
        }
    }

    /// <summary>Fails every commit twice before it lets it through; or commits it, and loses the answer.</summary>
    private sealed class Flaky(ILedger inner, bool lostAcknowledgement) : ILedger
    {
        private int calls;

        public int Failures { get; private set; }

        public async ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default)
        {
            if (calls++ % 3 < 2)
            {
                Failures++;
                if (lostAcknowledgement)
                {
                    await inner.CommitAsync(tenant, commit, cancellationToken);
                }

                throw new LedgerUnavailableException("The store is away.");
            }

            return await inner.CommitAsync(tenant, commit, cancellationToken);
        }

        public ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default) => inner.ReadRowAsync(tenant, key, cancellationToken);

        public ValueTask<IReadOnlyList<Row>> ScanRowsAsync(string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default) =>
            inner.ScanRowsAsync(tenant, prefix, after, limit, cancellationToken);

        public ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default) =>
            inner.ScanDueAsync(until, limit, cancellationToken);

        public ValueTask<CallRecord?> ReadCallAsync(string tenant, string run, string callKey, CancellationToken cancellationToken = default) =>
            inner.ReadCallAsync(tenant, run, callKey, cancellationToken);

        public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default) =>
            inner.ReadEntriesAsync(tenant, fromSequence, limit, cancellationToken);

        public ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
            inner.ReadRunEntriesAsync(tenant, run, afterSequence, limit, cancellationToken);

        public ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default) => inner.ReadHeadAsync(tenant, cancellationToken);
    }

    private sealed class Deaf : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
