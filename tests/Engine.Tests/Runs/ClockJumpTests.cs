using System.Text.Json;
using Countersign.Access;
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

/// <summary>The machine's clock is set, forwards and backwards, while runs wait: timers tick on as if nothing had happened, and the engine notices.</summary>
public sealed class ClockJumpTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly SetTime time = new();
    private DataFolder data = null!;
    private SqliteLedger ledger = null!;
    private CoreServices core = null!;
    private EmbeddedEngine engine = null!;

    public async Task InitializeAsync()
    {
        data = DataFolder.Open(folder.Path, time);
        ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = data.Journal, Time = time });
        core = new CoreServices(new CoreParts { Ledger = ledger, Artifacts = FileArtifactStore.Open(data), Executors = [new EmitExecutor(), new FailsOnce()], Time = time });
        engine = new EmbeddedEngine(
            new EmbeddedEngineParts
            {
                Ledger = ledger,
                Workflows = core.Workflows,
                Executors = core.Executors,
                Activities = core.Activities,
                Sweep = core.Sweep,
                Time = time,
            },
            new EmbeddedEngineOptions { SweepInterval = TimeSpan.FromMilliseconds(200) },
            NullLogger<EmbeddedEngine>.Instance);
        await engine.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await engine.DisposeAsync();
        await ledger.DisposeAsync();
        data.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("{ id: wait, type: wait, for: 1h }")]
    [InlineData("{ id: ask, type: ai_generate, prompt: '?', retry: { attempts: 2, backoff: fixed, initial: 1h, max: 1h, jitter: 0 } }")]
    public async Task Clock_SetForwards_EndsWhatWasToEndMeanwhile(string step)
    {
        var run = await StartAsync(step);
        await UntilAsync(run, row => row.Status is RunStatus.Running && engine.RunsInMemory <= 1);
        await HasAsync(run, step.Contains("for:", StringComparison.Ordinal) ? EventTypes.WaitOpened : EventTypes.StepRetried);

        time.Set(TimeSpan.FromHours(2));

        await UntilAsync(run, row => row.Status is RunStatus.Completed);
    }

    [Fact]
    public async Task Clock_SetBackwards_RunsGoOnAndTheLogNeverGoesBack()
    {
        await UntilAsync(await StartAsync("{ id: note, type: emit, event: custom.noted }"), row => row.Status is RunStatus.Completed);

        time.Set(-TimeSpan.FromDays(1));

        await UntilAsync(await StartAsync("{ id: wait, type: wait, for: 100ms }"), row => row.Status is RunStatus.Completed);
        var entries = (await ledger.ReadEntriesAsync("acme", 1, 1000)).Select(stored => EntryCodec.Decode(stored.Bytes.Span)).ToList();
        Assert.Equal(entries.Select(entry => entry.Time).Order(), entries.Select(entry => entry.Time));
        Assert.Contains(entries, entry => entry.Type == EventTypes.WaitElapsed);
    }

    private async Task<RunIdentity> StartAsync(string step)
    {
        var alice = new Principal("acme", "alice", [Role.Engineer]);
        var id = step.Split(':', ',')[1].Trim();
        var definition = DefinitionReader.ReadValid(System.Text.Encoding.UTF8.GetBytes(
            $"language: '1.0'\nname: clock-{id}\nversion: 1.0.0\nstart: {id}\nsteps: [ {step} ]\n"));
        await core.Workflows.SaveAsync(alice, definition, SaveRequest.Plain());
        var started = await core.Starts(engine).StartAsync(alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
        return new RunIdentity("acme", started.Run.Id);
    }

    private async Task HasAsync(RunIdentity run, string type)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await ledger.ReadRunEntriesAsync("acme", run.Id, 0, 100)).Any(entry => EntryCodec.Decode(entry.Bytes.Span).Type == type))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private async Task UntilAsync(RunIdentity run, Func<RunRow, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds((await core.Rows.ReadAsync(run)).Run))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>A clock that can be set; its timers tick on, as those of a machine do.</summary>
    private sealed class SetTime : TimeProvider
    {
        private long ahead;

        public void Set(TimeSpan by) => Interlocked.Exchange(ref ahead, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ahead));
    }

    private sealed class FailsOnce : IStepExecutor
    {
        public string Kind => "ai_generate";

        public bool HasOutsideEffects => true;

        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken) => new(execution.Ref.Attempt == 1
            ? ExecutorResult.Failed(new StepError { Type = "ai.overloaded", Title = "Busy", Retryable = true })
            : ExecutorResult.Done(null));
    }
}
