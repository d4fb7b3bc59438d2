using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    [Fact]
    public async Task Parallel_TimeIsUp_FailsWithdrawsAndUndoes()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: fan-too-slow
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                timeout: 1s
                catch: [{ type: step.timeout, goto: late }]
                branches:
                  - { name: ask, start: ask, steps: [ { id: ask, type: approval, approvers: { role: approver }, expires: 2d } ] }
                  - { name: pay, start: pay, steps: [ { id: pay, type: api_call, method: POST, url: "$remote/pay", compensate: { type: api_call, method: DELETE, url: "$remote/pay" } } ] }
              - { id: late, type: fail, error: custom.late, detail: "${ errors.fan.type }" }
            """);
        Assert.Equal("step.timeout", (await EndedAsync(run, RunStatus.Failed)).Error!.Detail);

        Assert.Equal(WaitState.Canceled, (await Waits.FindAsync(run, "fan:1.ask.ask:1:1"))!.State);
        Assert.Equal(["POST", "DELETE"], Remote.CallsTo("/pay").Select(call => call.Method));
        Assert.Single(await EntriesAsync(run), entry => entry is { Type: EventTypes.StepFailed, Step: "fan" });
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Parallel_JoinsInTime_TheLimitLeavesNothingBehind()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: fan-in-time
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                timeout: 1h
                branches:
                  - { name: a, start: a, steps: [ { id: a, type: api_call, method: POST, url: "$remote/a" } ] }
                  - { name: b, start: b, steps: [ { id: b, type: api_call, method: POST, url: "$remote/b" } ] }
                next: after
              - { id: after, type: emit, event: custom.after, data: { ok: true } }
            """);
        Assert.True((await OutputAsync(run)).GetProperty("ok").GetBoolean());

        Assert.Equal(0, (await RowAsync(run)).OpenWaits);
        Assert.DoesNotContain(await EntriesAsync(run), entry => entry.Type is EventTypes.WaitOpened or EventTypes.StepSkipped);
        Assert.DoesNotContain(
            await Under.Core.Parts.Ledger.ScanDueAsync(TimeProvider.System.GetUtcNow().AddDays(1), 1000), due => due.Tenant == Tenant && DueReason.From(due.Row).Run == run.Id);
    }

    [Fact]
    public async Task Parallel_StoppedFromOutsideBeforeItBegan_HasNotCompletedAndIsNotUndone()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: fan-in-fan
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - name: work
                    start: note
                    steps:
                      - { id: note, type: set, values: { a: 1 }, next: inner }
                      - id: inner
                        type: parallel
                        compensate: { type: api_call, method: DELETE, url: "$remote/pay" }
                        branches:
                          - { name: p, start: pay, steps: [ { id: pay, type: api_call, method: POST, url: "$remote/pay" } ] }
                          - { name: q, start: pay2, steps: [ { id: pay2, type: api_call, method: POST, url: "$remote/pay" } ] }
                  - { name: bad, start: bad, steps: [ { id: bad, type: fail, error: custom.bad } ] }
            """);
        await EndedAsync(run, RunStatus.Failed);
        Assert.Empty(Remote.CallsTo("/pay"));
        Assert.DoesNotContain(await EntriesAsync(run), entry => entry.Type == EventTypes.StepCompleted && entry.Step.EndsWith(".inner", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ForEach_CutShortByTheTimeLimitAroundIt_HasNotCompleted()
    {
        Remote.On("/item", async (_, before) =>
        {
            await Task.Delay(before == 0 ? 0 : 1500);
            return (200, "{}");
        });
        var run = await StartAsync("""
            language: "1.0"
            name: each-cut-short
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                timeout: 1s
                branches:
                  - name: work
                    start: each
                    steps:
                      - id: each
                        type: foreach
                        items: [ 1, 2, 3, 4, 5, 6 ]
                        concurrency: 1
                        compensate: { type: api_call, method: DELETE, url: "$remote/undo-all" }
                        start: call
                        steps: [ { id: call, type: api_call, method: POST, url: "$remote/item", compensate: { type: api_call, method: DELETE, url: "$remote/undo" } } ]
            """);
        await EndedAsync(run, RunStatus.Failed);
        Assert.InRange(Remote.CallsTo("/item").Count, 1, 5);
        Assert.Equal(Remote.CallsTo("/item").Count, Remote.CallsTo("/undo").Count);
        Assert.Empty(Remote.CallsTo("/undo-all"));
        Assert.DoesNotContain(await EntriesAsync(run), entry => entry.Type == EventTypes.StepCompleted && entry.Step.EndsWith(".each", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parallel_TimeIsUpOrASiblingFailed_NothingIsTriedAgain()
    {
        Remote.On("/flaky", 503, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: fan-no-retry
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: a, start: pay, steps: [ { id: pay, type: api_call, method: POST, url: "$remote/flaky", retry: { attempts: 4, backoff: fixed, initial: 1h, max: 1h, jitter: 0 } } ] }
                  - { name: b, start: wait, steps: [ { id: wait, type: wait, for: 1s, next: bad }, { id: bad, type: fail, error: custom.bad } ] }
            """);

        // The next attempt would come in an hour.
        Assert.Equal("custom.bad", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
        Assert.Single(Remote.CallsTo("/flaky"));
        await LogIsIntactAsync();
    }

    [Theory]
    [InlineData("fail_fast")]
    [InlineData("wait_all")]
    public async Task Parallel_TimeIsUpAfterABranchFailed_Ends(string mode)
    {
        var run = await StartAsync($$"""
            language: "1.0"
            name: limit-after-failure
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                on_failure: {{mode}}
                timeout: 1s
                branches:
                  - { name: bad, start: bad, steps: [ { id: bad, type: fail, error: custom.bad } ] }
                  - { name: ask, start: ask, steps: [ { id: ask, type: approval, approvers: { role: approver }, expires: 2d } ] }
            """);
        Assert.Equal(mode == "wait_all" ? "step.timeout" : "custom.bad", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
    }

    [Fact]
    public async Task Parallel_SiblingFailsWhileAnExecutionIsInFlight_NoRetryIsAnnounced()
    {
        var release = Remote.Hold("/slow", status: 503);
        var run = await StartAsync("""
            language: "1.0"
            name: stop-in-flight
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: a, start: call, steps: [ { id: call, type: api_call, method: POST, url: "$remote/slow", retry: { attempts: 3, backoff: fixed, initial: 1h, max: 1h } } ] }
                  - name: b
                    start: wait
                    steps:
                      - { id: wait, type: wait, event: { name: go, timeout: 1h }, next: bad }
                      - { id: bad, type: fail, error: custom.bad }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/slow").Count), count => count == 1);
        var go = await WaitingAsync(run, "fan:1.b.wait:1:1");
        await new Submissions(Waits, Under.Core.Workflows, Under.Core.Values).ReceiveAsync(Bob, go.Id, "go", JsonElement.Parse("{}"));
        await UntilAsync(() => Under.Core.Parts.Ledger.ReadCallAsync(Tenant, run.Id, go.Key).AsTask(), call => call?.Answer is not null);
        release.SetResult();

        await EndedAsync(run, RunStatus.Failed);
        Assert.Equal(0, await CountAsync(run, EventTypes.StepRetried));
        Assert.Single(Remote.CallsTo("/slow"));
    }

    [Fact]
    public async Task ForEach_SleepsThatWereEnded_AreEndedOnReplayToo()
    {
        Remote.On("/flaky", 503, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: ended-sleeps
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: [ 1, 2, 3, 4 ]
                concurrency: 4
                start: branch
                steps:
                  - { id: branch, type: conditional, when: "item == 3.0", then: wait, else: pay }
                  - { id: pay, type: api_call, method: POST, url: "$remote/flaky", retry: { attempts: 9, backoff: fixed, initial: 3s, max: 1h } }
                  - { id: wait, type: wait, for: 1s, next: bad }
                  - { id: bad, type: fail, error: custom.bad }
                catch: [ { type: custom.bad, goto: ask } ]
                next: ask
              - { id: ask, type: approval, approvers: { role: approver }, show: { a: 1 }, expires: 2d, next: after }
              - { id: after, type: api_call, method: POST, url: "$remote/after" }
            """);
        var wait = await WaitingAsync(run, "ask:1:1");
        if (Under.CrashAsync is { } crash)
        {
            engine = await crash();
        }

        await DecideAsync(wait, Bob);
        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/after"));
        await LogIsIntactAsync();
    }
}
