using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Points 2 and 7 of the protocol: one effect, one outcome, and storage trouble never shows in either.</summary>
public sealed class ExecuteStepTests : IAsyncLifetime
{
    private const string Ask = """
        language: "1.0"
        name: asks
        version: 1.0.0
        start: ask
        steps: [ { id: ask, type: ai_generate, prompt: "?", timeout: 1s, retry: { attempts: 1 } } ]
        """;

    private readonly ActivityStage stage = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task RunAsync_TimeIsUpAfterSomethingWasBilled_LogsWhatWasBilled()
    {
        var core = stage.Core(new Endless());
        var definition = await stage.DefineAsync(core, Ask);
        var run = await stage.StartAsync(core, definition);

        var answer = await stage.Activities(core).Execute.RunAsync(
            new Delivery { Run = run, Nonce = "one" }, ActivityStage.Execution(run, definition, "ask"), CancellationToken.None);

        Assert.Equal("step.timeout", answer.Error!.Type);
        Assert.Equal([EventTypes.RunCreated, EventTypes.StepStarted, EventTypes.AiResponse, EventTypes.StepFailed], await stage.TypesAsync(run));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_StoresAreAwayAfterTheEffect_OneEffectOneOutcome(bool lostAcknowledgement)
    {
        var counting = new Counting();
        var core = stage.Core(counting);
        var definition = await stage.DefineAsync(core, Ask);
        var run = await stage.StartAsync(core, definition);
        await core.Workflows.LoadAsync("acme", definition.Hash);
        var flaky = new FlakyLedger(stage.Ledger, lostAcknowledgement);
        var artifacts = new FlakyArtifacts(stage.Artifacts);
        var away = stage.Core(counting);
        away = new(away.Parts with { Ledger = flaky, Artifacts = artifacts });
        away.Workflows.Remember(definition);

        // Known to be the first: nothing is read before the effect.
        var answer = await stage.Activities(away).Execute.RunAsync(
            new Delivery { Run = run, Nonce = "one", IsKnown = true }, ActivityStage.Execution(run, definition, "ask"), CancellationToken.None);

        Assert.Equal(CallResult.Succeeded, answer.Result);
        Assert.Equal(1, counting.Executions);
        Assert.True(flaky.Failures >= 6, $"{flaky.Failures} failures of the ledger");
        Assert.Equal(2, artifacts.Failures);
        Assert.Equal(20_000, (await core.Values.LoadAsync("acme", answer.Value)).GetString()!.Length);
        Assert.Equal([EventTypes.RunCreated, EventTypes.StepStarted, EventTypes.StepCompleted], await stage.TypesAsync(run));
    }

    [Theory]
    [InlineData(0, "mutex.lost")]
    [InlineData(-1, "mutex.lost")]
    [InlineData(300, "step.timeout")]
    public async Task RunAsync_HoldThatIsOverOrEndsMeanwhile_DoesNothingOrIsCutOff(int milliseconds, string error)
    {
        var core = stage.Core(new Endless());
        var definition = await stage.DefineAsync(core, Ask.Replace("timeout: 1s", "timeout: 1h, mutex: erp", StringComparison.Ordinal));
        var run = await stage.StartAsync(core, definition);
        var activities = stage.Activities(core);
        await activities.Claim.RunAsync(new Delivery { Run = run, Nonce = "claim" }, CancellationToken.None);
        var at = new StepRef("ask", 1, 0);
        await activities.Open.RunAsync(
            new Delivery { Run = run, Nonce = "take" },
            new WaitRequest { Step = at, StepId = "ask", Pin = new RunPin(definition.Hash, run.Id, run.Id, "alice"), Scope = new ScopeValues() },
            CancellationToken.None);
        var row = (await stage.Ledger.ReadRowAsync("acme", RowKeys.Wait(run.Id, at.Key)))!;
        var held = WaitRow.From(row);
        var ending = held with { Lock = held.Lock! with { Until = TimeProvider.System.GetUtcNow().AddMilliseconds(milliseconds) } };
        await stage.Ledger.CommitAsync("acme", new LedgerCommit { Rows = [RowWrite.Replace(row.Key, ending.ToBytes(), row.Version)] });

        var answer = await activities.Execute.RunAsync(
            new Delivery { Run = run, Nonce = "one" }, ActivityStage.Execution(run, definition, "ask") with { Lock = at.Key }, CancellationToken.None);

        Assert.Equal(error, answer.Error!.Type);
        Assert.Equal(milliseconds > 0, (await stage.TypesAsync(run)).Contains(EventTypes.AiResponse));
    }

    private sealed class Counting : IStepExecutor
    {
        public int Executions { get; private set; }

        public string Kind => "ai_generate";

        public bool HasOutsideEffects => true;

        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            Executions++;
            return new(ExecutorResult.Done(JsonSerializer.SerializeToElement(new string('x', 20_000))));
        }
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
}
