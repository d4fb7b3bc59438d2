using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    [Fact]
    public async Task Redelivery_AnsweredExecution_ReturnsTheStoredAnswer()
    {
        var run = await StartAsync(Call);
        await EndedAsync(run);
        var again = await RedeliverAsync(run, "delivery-2");

        Assert.Equal(CallResult.Succeeded, again.Result);
        Assert.Single(Remote.CallsTo("/effect"));
    }

    [Fact]
    public async Task Redelivery_ExecutionThatWasCutOff_OpensTheNextNumber()
    {
        var definition = await DefineAsync(Call);
        var started = await Under.Core.Starts(new DeafEngine()).StartAsync(
            Alice, new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}") });
        var run = new RunIdentity(Tenant, started.Run.Id);
        var cutOff = new TaskCompletionSource();
        Remote.On("/effect", async (_, before) =>
        {
            if (before == 0)
            {
                await cutOff.Task;
            }

            return (200, "{}");
        });
        var first = RedeliverAsync(run, "delivery-1", definition.Hash);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/effect").Count), count => count == 1);

        var second = await RedeliverAsync(run, "delivery-2", definition.Hash);
        cutOff.SetResult();
        var late = await first;

        Assert.Equal(second.At, late.At);
        Assert.Equal(2, Remote.CallsTo("/effect").Count);
        Assert.Equal(2, await CountAsync(run, EventTypes.StepStarted));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepCompleted));
        Assert.Equal(1, (await PayloadAsync(run, EventTypes.StepOutcomeUnknown)).GetProperty("execution").GetInt32());
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Replay_ThatDoesNotMatch_ParksTheRunAndKeepsIt()
    {
        if (Under.ForgeHistoryAsync is null)
        {
            return;
        }

        var run = await StartAsync(Approve, """{"total": 1}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await Under.ForgeHistoryAsync(run);
        await DecideAsync(wait, Bob);

        var parked = await EndedAsync(run, RunStatus.Parked);
        Assert.Equal("run.replay-mismatch", parked.Error!.Type);
        Assert.Contains("approve:1:1", parked.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(run, EventTypes.RunParked));
        Assert.Empty(Remote.CallsTo("/pay"));

        await Under.Core.Commands(Under.Engine).ContinueAsync(Alice, run.Id);
        await UntilAsync(() => CountAsync(run, EventTypes.RunParked), count => count == 2);
        await EndedAsync(run, RunStatus.Parked);
    }

    [Fact]
    public async Task Crash_WhileWaitingAndWhileAtWork_GoesOn()
    {
        if (Under.CrashAsync is null)
        {
            return;
        }

        var waiting = await StartAsync(Approve, """{"total": 1}""");
        await WaitingAsync(waiting, "approve:1:1");
        var inFlight = new TaskCompletionSource();
        Remote.On("/effect", async (_, before) =>
        {
            if (before == 0)
            {
                await inFlight.Task;
            }

            return (200, "{}");
        });
        var working = await StartAsync(Call);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/effect").Count), count => count == 1);

        engine = await Under.CrashAsync();
        inFlight.SetResult();
        await DecideAsync((await Waits.FindAsync(waiting, "approve:1:1"))!, Bob);

        await EndedAsync(working);
        await EndedAsync(waiting);
        Assert.Equal(2, Remote.CallsTo("/effect").Count);
        Assert.Single(Remote.CallsTo("/effect").Select(call => call.IdempotencyKey).Distinct());
        Assert.Equal(2, await CountAsync(working, EventTypes.StepStarted));
        Assert.Single(Remote.CallsTo("/pay"));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task End_AfterACancelThatCameFirst_LosesAndSaysSo()
    {
        var definition = await DefineAsync(Call);
        var deaf = new DeafEngine();
        var started = await Under.Core.Starts(deaf).StartAsync(
            Alice, new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}") });
        var run = new RunIdentity(Tenant, started.Run.Id);
        var activities = Under.Core.Activities(deaf);
        await activities.Claim.RunAsync(new Delivery { Run = run, Nonce = "mine" }, CancellationToken.None);
        await Under.Core.Commands(deaf).CancelAsync(Alice, run.Id, null);

        var completed = await activities.End.RunAsync(new Delivery { Run = run, Nonce = "mine" }, Ending(run, definition.Hash, RunStatus.Completed, 1), CancellationToken.None);
        Assert.Equal(CallResult.Lost, completed.Result);
        Assert.False((await RowAsync(run)).IsEnded);

        var canceled = await activities.End.RunAsync(new Delivery { Run = run, Nonce = "mine" }, Ending(run, definition.Hash, RunStatus.Canceled, 2), CancellationToken.None);
        Assert.Equal(CallResult.Succeeded, canceled.Result);
        Assert.Equal(RunStatus.Canceled, (await RowAsync(run)).Status);
        Assert.Equal(0, await CountAsync(run, EventTypes.RunCompleted));
    }

    [Fact]
    public async Task Claim_ByTwoExecutions_OnlyOneOwnsTheRun()
    {
        var definition = await DefineAsync(Call);
        var deaf = new DeafEngine();
        var started = await Under.Core.Starts(deaf).StartAsync(
            Alice, new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}") });
        var run = new RunIdentity(Tenant, started.Run.Id);
        var claim = Under.Core.Activities(deaf).Claim;
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            claim.RunAsync(new Delivery { Run = run, Nonce = $"execution-{i}" }, CancellationToken.None).AsTask()));

        Assert.Single(claims, start => start is not null);
        Assert.Equal(1, await CountAsync(run, EventTypes.RunStarted));
        var owner = (await RowAsync(run)).Nonce!;
        Assert.NotNull(await claim.RunAsync(new Delivery { Run = run, Nonce = owner }, CancellationToken.None));
    }

    private static EndRequest Ending(RunIdentity run, string definition, RunStatus status, int attempt) => new()
    {
        Step = new StepRef("$end", 1, attempt),
        StepId = "",
        Pin = new RunPin(definition, run.Id, run.Id, "alice"),
        Status = status,
    };

    private async Task<CallAnswer> RedeliverAsync(RunIdentity run, string nonce, string? definition = null)
    {
        var pin = new RunPin(definition ?? (await RowAsync(run)).Definition, run.Id, run.Id, "alice");
        return await Under.Core.Activities(Under.Engine).Execute.RunAsync(
            new Delivery { Run = run, Nonce = nonce },
            new ExecutionRequest { Step = new StepRef("call", 1, 1), StepId = "call", Kind = "api_call", Pin = pin, Scope = new ScopeValues() },
            CancellationToken.None);
    }
}
