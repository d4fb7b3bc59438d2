using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private RunStanding Standing => new(Under.Core.Parts.Ledger);

    [Fact]
    public async Task Standing_WaitIsDecidedAndTheRunHasNotNoticed_IsRunning()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: stands
            version: 1.0.0
            start: ask
            steps: [ { id: ask, type: approval, approvers: { role: approver }, show: {}, expires: 2h } ]
            """);
        var wait = await WaitingAsync(run, "ask:1:1");
        Assert.Equal(RunStatus.Waiting, (await Standing.OfAsync(Tenant, await RowAsync(run))).VisibleStatus);
        var before = await RowAsync(run);

        await DecideAsync(wait, Bob);

        // The row as it was read before the run looked at its wait.
        Assert.Equal(RunStatus.Running, (await Standing.OfAsync(Tenant, before)).VisibleStatus);
        await EndedAsync(run);
    }

    [Fact]
    public async Task Standing_CalledWorkflowOfACalledWorkflowWaits_IsWaiting()
    {
        await DefineAsync("""
            language: "1.0"
            name: stands-leaf
            version: 1.0.0
            start: go
            steps: [ { id: go, type: wait, event: { name: go } } ]
            """);
        await DefineAsync("""
            language: "1.0"
            name: stands-middle
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: stands-leaf } ]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: stands-root
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: stands-middle } ]
            """);

        await UntilAsync(async () => await Standing.OfAsync(Tenant, await RowAsync(run)), row => row.VisibleStatus is RunStatus.Waiting);
        Assert.Equal(RunStatus.Running, (await RowAsync(run)).VisibleStatus);

        var leaf = new RunIdentity(Tenant, Children.ChildId(new RunIdentity(Tenant, Children.ChildId(run, "call:1:1")), "call:1:1"));
        var wait = await WaitingAsync(leaf, "go:1:1");
        await new Submissions(Waits, Under.Core.Workflows, Under.Core.Values).ReceiveAsync(Bob, wait.Id, "go", JsonElement.Parse("{}"));
        await EndedAsync(run);
        Assert.Equal(RunStatus.Completed, (await Standing.OfAsync(Tenant, await RowAsync(run))).VisibleStatus);
    }

    [Fact]
    public async Task Retry_WaitsForItsNextAttempt_TheHistorySaysSoMeanwhile()
    {
        Remote.On("/later", 503, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: later
            version: 1.0.0
            start: a
            steps: [ { id: a, type: api_call, url: $remote/later, retry: { attempts: 2, backoff: fixed, initial: 30m, max: 30m, jitter: 0 } } ]
            """);

        await UntilAsync(() => CountAsync(run, EventTypes.StepRetried), count => count == 1);
        Assert.False((await RowAsync(run)).IsEnded);
        Assert.Single(Remote.CallsTo("/later"));
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        await EndedAsync(run, RunStatus.Canceled);
        Assert.Equal(1, await CountAsync(run, EventTypes.StepRetried));
    }

    [Theory]
    [InlineData("{ id: w, type: wait, event: { name: go, timeout: 1s, on_timeout: late }, next: late }")]
    [InlineData("{ id: w, type: form, fields: [ { key: ok, type: boolean } ], expires: 1s, on_timeout: late, next: late }")]
    [InlineData("{ id: w, type: approval, approvers: { role: approver }, show: {}, expires: 1s, on_timeout: late, next: late }")]
    [InlineData("{ id: w, type: approval, approvers: { role: approver }, show: {}, expires: 1s, on_timeout: reject, on_reject: late, next: late }")]
    public async Task OnTimeout_ContinuesElsewhere_TheStepHasNoOutput(string step)
    {
        var run = await StartAsync($$"""
            language: "1.0"
            name: absent
            version: 1.0.0
            start: w
            steps:
              - {{step}}
              - { id: late, type: emit, event: custom.late, data: { seen: "${ has(steps.w) }" } }
            output: "${ has(steps.w) ? steps.w.output : 'none' }"
            """);

        Assert.Equal("none", (await OutputAsync(run)).GetString());
    }

    [Theory]
    [InlineData("49d")]
    [InlineData("50d")]
    [InlineData("366d")]
    public async Task Timeout_LongerThanOneTimerTakes_StepRuns(string timeout)
    {
        Remote.On("/quick", 200, "{}");
        var run = await StartAsync($$"""
            language: "1.0"
            name: patient
            version: 1.0.0
            defaults: { timeout: {{timeout}} }
            start: each
            steps:
              - id: each
                type: foreach
                timeout: {{timeout}}
                items: "${ [1.0] }"
                start: call
                steps: [ { id: call, type: api_call, url: $remote/quick, timeout: {{timeout}}, next: ask }, { id: ask, type: ai_generate, prompt: "?", timeout: {{timeout}} } ]
            """);

        await EndedAsync(run);
    }
}
