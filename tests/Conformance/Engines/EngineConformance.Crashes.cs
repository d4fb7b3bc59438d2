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

    private async Task<CallAnswer> RedeliverAsync(RunIdentity run, string nonce, string? definition = null)
    {
        var pin = new RunPin(definition ?? (await RowAsync(run)).Definition, run.Id, run.Id, "alice");
        return await Under.Core.Activities(Under.Engine).Execute.RunAsync(
            new Delivery { Run = run, Nonce = nonce },
            new ExecutionRequest { Step = new StepRef("call", 1, 1), StepId = "call", Kind = "api_call", Pin = pin, Scope = new ScopeValues() },
            CancellationToken.None);
    }
}
