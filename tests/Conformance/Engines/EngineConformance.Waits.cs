using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Approve = """
        language: "1.0"
        name: approve
        version: 1.0.0
        start: approve
        steps:
          - { id: approve, type: approval, approvers: { role: approver }, show: { total: "${ input.total }" }, expires: 1h, next: pay, on_reject: tell }
          - { id: pay, type: api_call, method: POST, url: "$remote/pay", idempotent: true }
          - { id: tell, type: api_call, method: POST, url: "$remote/tell" }
        output: "${ has(steps.pay) ? 'paid' : 'told' }"
        """;

    [Fact]
    public async Task Wait_Approved_GoesOnWithTheDecision()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        Assert.Equal(RunStatus.Waiting, (await RowAsync(run)).VisibleStatus);
        Assert.Equal(5, wait.Shown!.Inline!.Value.GetProperty("total").GetInt32());

        await DecideAsync(wait, Bob);

        Assert.Equal("paid", (await OutputAsync(run)).GetString());
        Assert.Single(Remote.CallsTo("/pay"));
        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalDecided));
        Assert.Equal("bob", (await EntriesAsync(run)).Single(entry => entry.Type == EventTypes.ApprovalDecided).Actor);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Wait_Rejected_GoesTheOtherWay()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        await DecideAsync(await WaitingAsync(run, "approve:1:1"), Bob, approved: false);

        Assert.Equal("told", (await OutputAsync(run)).GetString());
        Assert.Empty(Remote.CallsTo("/pay"));
    }

    [Fact]
    public async Task Wait_PokedBeforeItIsOpenAndManyTimesAfter_ChangesNothing()
    {
        var definition = await DefineAsync(Approve);
        var run = await StartAsync(definition, """{"total": 5}""");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));
        var wait = await WaitingAsync(run, "approve:1:1");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));
        Assert.True((await Waits.FindAsync(run, "approve:1:1"))!.IsOpen);

        await DecideAsync(wait, Bob);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/pay"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCompleted));
    }

    [Fact]
    public async Task Wait_PokeOfTheDecisionIsLost_SweepMakesUpForIt()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await DecideAsync(wait, Bob, through: Under.Core.Waits(new DeafEngine()));

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/pay"));
    }

    [Fact]
    public async Task Wait_ManyDecideAtOnce_OneWins()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await DecideAsync(wait, new Principal(Tenant, $"approver-{i}", [Role.Approver]), approved: i % 2 == 0);
                return 1;
            }
            catch (WaitRefusedException)
            {
                return 0;
            }
        }));

        Assert.Equal(1, outcomes.Sum());
        await EndedAsync(run);
        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalDecided));
        Assert.Equal(1, Remote.CallsTo("/pay").Count + Remote.CallsTo("/tell").Count);
    }

    [Fact]
    public async Task Wait_DeadlineAgainstDecision_ExactlyOneWins()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: deadline
            version: 1.0.0
            start: approve
            steps:
              - { id: approve, type: approval, approvers: { role: approver }, expires: 1s, on_timeout: late, next: good }
              - { id: good, type: emit, event: custom.good, data: { how: decided } }
              - { id: late, type: emit, event: custom.late, data: { how: expired } }
            """);
        for (var round = 0; round < 3; round++)
        {
            var run = await StartAsync(definition);
            var wait = await WaitingAsync(run, "approve:1:1");
            var decided = false;
            var left = wait.Deadline - TimeProvider.System.GetUtcNow() - TimeSpan.FromMilliseconds(15 * round);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            try
            {
                await DecideAsync(wait, Bob);
                decided = true;
            }
            catch (WaitRefusedException refused)
            {
                Assert.Equal("wait.closed", refused.Code);
            }

            Assert.Equal(decided ? "decided" : "expired", (await OutputAsync(run)).GetProperty("how").GetString());
            Assert.Equal(decided ? 0 : 1, await CountAsync(run, EventTypes.ApprovalExpired));
        }
    }

    [Fact]
    public async Task Wait_OwnRequestWrongPayloadAndStrangers_AreRefused()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        Assert.Equal("wait.own-request", (await Refused(() => DecideAsync(wait, Alice with { Roles = [Role.Approver] }))).Code);
        Assert.Equal("wait.not-yours", (await Refused(() => DecideAsync(wait, new Principal(Tenant, "eve", [Role.Viewer])))).Code);
        Assert.Equal("wait.not-found", (await Refused(() => DecideAsync(wait, Bob with { Tenant = "globex" }))).Code);
        var other = wait with { Shown = wait.Shown! with { Hash = new string('0', 64) } };
        Assert.Equal("wait.payload-changed", (await Refused(() => DecideAsync(other, Bob))).Code);
        Assert.True((await Waits.FindAsync(run, wait.Key))!.IsOpen);
    }

    [Fact]
    public async Task Wait_Event_TakesItsDataOnce()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: event
            version: 1.0.0
            start: wait
            steps:
              - { id: wait, type: wait, event: { name: shipped, timeout: 1h, schema: { type: object, required: [parcel] } } }
            """);
        var wait = await WaitingAsync(run, "wait:1:1");
        var submissions = new Submissions(Waits, Under.Core.Workflows, Under.Core.Values);
        var refused = await Refused(() => submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("{}")));
        Assert.Equal("wait.data-invalid", refused.Code);

        await submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("""{"parcel":"p-1"}"""));

        Assert.Equal("p-1", (await OutputAsync(run)).GetProperty("parcel").GetString());
        await Refused(() => submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("""{"parcel":"p-2"}""")));
    }

    [Fact]
    public async Task Wait_ForATime_GoesOnByItself()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: time
            version: 1.0.0
            start: wait
            steps:
              - { id: wait, type: wait, for: 1s, next: after }
              - { id: after, type: emit, event: custom.after, data: { ok: true } }
            """);
        Assert.True((await OutputAsync(run)).GetProperty("ok").GetBoolean());
        Assert.Equal(1, await CountAsync(run, EventTypes.WaitElapsed));
    }

    [Fact]
    public async Task Cancel_WhileWaiting_ClosesTheWait()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, "no longer needed");

        await EndedAsync(run, RunStatus.Canceled);
        await Refused(() => DecideAsync(wait, Bob));
        Assert.Empty(Remote.Calls);
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCanceled));
    }

    [Fact]
    public async Task Cancel_PokeIsLost_SweepMakesUpForIt()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        await WaitingAsync(run, "approve:1:1");
        await Under.Core.Commands(new DeafEngine()).CancelAsync(Alice, run.Id, null);

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));

        await EndedAsync(run, RunStatus.Canceled);
    }

    [Fact]
    public async Task Cancel_WhileAnExecutionIsInFlight_LetsItEndAndCompensates()
    {
        var release = new TaskCompletionSource();
        Remote.On("/charge", async (_, _) =>
        {
            await release.Task;
            return (200, """{"id":"c-1"}""");
        });
        var run = await StartAsync("""
            language: "1.0"
            name: saga
            version: 1.0.0
            start: reserve
            steps:
              - id: reserve
                type: api_call
                method: POST
                url: $remote/reserve
                compensate: { type: api_call, method: DELETE, url: "$remote/reserve/${ steps.reserve.output.number }" }
                next: charge
              - id: charge
                type: api_call
                method: POST
                url: $remote/charge
                compensate: { type: api_call, method: DELETE, url: "$remote/charge/${ steps.charge.output.id }" }
                next: ship
              - { id: ship, type: api_call, method: POST, url: "$remote/ship" }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/charge").Count), count => count == 1);
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        release.SetResult();

        await EndedAsync(run, RunStatus.Canceled);
        Assert.Empty(Remote.CallsTo("/ship"));
        Assert.Equal(["/charge/c-1", "/reserve/1"], Remote.Calls.Where(call => call.Method == "DELETE").Select(call => call.Path));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepCompensated));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Fail_AfterCompletedSteps_CompensatesInReverse()
    {
        Remote.On("/ship", 409, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: saga-fails
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "$remote/a", compensate: { type: api_call, method: DELETE, url: "$remote/undo-a" }, next: b }
              - { id: b, type: api_call, method: POST, url: "$remote/b", compensate: { type: api_call, method: DELETE, url: "$remote/undo-b" }, next: ship }
              - { id: ship, type: api_call, method: POST, url: "$remote/ship" }
            """);
        var ended = await EndedAsync(run, RunStatus.Failed);
        Assert.Equal(409, ended.Error!.Status);
        Assert.Equal(["/a", "/b", "/ship", "/undo-b", "/undo-a"], Remote.Calls.Select(call => call.Path));
    }

    [Fact]
    public async Task Pause_BetweenSteps_HoldsUntilContinued()
    {
        var release = new TaskCompletionSource();
        Remote.On("/first", async (_, _) =>
        {
            await release.Task;
            return (200, "{}");
        });
        var run = await StartAsync("""
            language: "1.0"
            name: pauses
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: api_call, method: POST, url: "$remote/first", next: second }
              - { id: second, type: api_call, method: POST, url: "$remote/second" }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/first").Count), count => count == 1);
        var commands = Under.Core.Commands(Under.Engine);
        await commands.PauseAsync(Alice, run.Id);
        release.SetResult();
        await UntilAsync(() => CountAsync(run, EventTypes.StepCompleted), count => count == 1);
        await Under.Engine.PokeAsync(run, null);
        Assert.Empty(Remote.CallsTo("/second"));

        await commands.ContinueAsync(Alice, run.Id);

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/second"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunPaused));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunContinued));
    }

    [Fact]
    public async Task Parallel_Branches_JoinWithTheirOutputs()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: fans
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: left, start: l, steps: [ { id: l, type: api_call, method: POST, url: "$remote/left" } ], output: "${ steps.l.output.number }" }
                  - { name: right, start: r, steps: [ { id: r, type: api_call, method: POST, url: "$remote/right" } ], output: "${ steps.r.output.path }" }
            output: "${ steps.fan.output }"
            """);
        var output = await OutputAsync(run);
        Assert.Equal(1, output.GetProperty("left").GetInt32());
        Assert.Equal("/right", output.GetProperty("right").GetString());
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Parallel_OneFails_WithdrawsTheWaitOfTheOther()
    {
        Remote.On("/bad", 400, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: fan-fails
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: ask, start: approve, steps: [ { id: approve, type: approval, approvers: { role: approver }, expires: 1h } ] }
                  - name: call
                    start: wait
                    steps:
                      - { id: wait, type: wait, event: { name: go, timeout: 1h }, next: bad }
                      - { id: bad, type: api_call, method: POST, url: "$remote/bad" }
            """);
        await WaitingAsync(run, "fan:1.ask.approve:1:1");
        var go = await WaitingAsync(run, "fan:1.call.wait:1:1");
        await new Submissions(Waits, Under.Core.Workflows, Under.Core.Values).ReceiveAsync(Bob, go.Id, "go", JsonElement.Parse("{}"));

        var ended = await EndedAsync(run, RunStatus.Failed);
        Assert.Equal(400, ended.Error!.Status);
        Assert.Equal(WaitState.Canceled, (await Waits.FindAsync(run, "fan:1.ask.approve:1:1"))!.State);
    }

    [Fact]
    public async Task ForEach_Items_RunBoundedAndInOrder()
    {
        var atOnce = 0;
        var most = 0;
        Remote.On("/item", async (_, before) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            await Task.Delay(5);
            Interlocked.Decrement(ref atOnce);
            return (200, $$"""{"number":{{before}}}""");
        });
        var run = await StartAsync("""
            language: "1.0"
            name: each
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: "${ input.items }"
                concurrency: 3
                start: call
                steps: [ { id: call, type: api_call, method: POST, url: "$remote/item", body: { item: "${ item }" }, idempotent: true } ]
                output: "${ item * 10.0 }"
            """, """{"items": [3, 1, 2, 5, 4, 9, 8, 7, 6]}""");

        Assert.Equal("[30,10,20,50,40,90,80,70,60]", (await OutputAsync(run)).GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(9, Remote.CallsTo("/item").Select(call => call.IdempotencyKey).Distinct().Count());
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task CallWorkflow_Child_SeesOnlyItsInputAndGivesItsOutput()
    {
        await DefineAsync("""
            language: "1.0"
            name: child
            version: 1.2.0
            start: double
            steps:
              - { id: double, type: emit, event: custom.doubled, data: { value: "${ input.n * 2.0 }" } }
            output: { doubled: "${ steps.double.output.value }" }
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: parent
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: call_workflow, workflow: child, version: "1.x", input: { n: "${ input.n }" }, next: after }
              - { id: after, type: emit, event: custom.after, data: { got: "${ steps.call.output.doubled }" } }
            """, """{"n": 21}""");

        Assert.Equal(42, (await OutputAsync(run)).GetProperty("got").GetInt32());
        var child = new RunIdentity(Tenant, Children.ChildId(run, "call:1:1"));
        var row = await EndedAsync(child);
        Assert.Equal((run.Id, run.Id), (row.Parent, row.Root));
        Assert.Equal(1, await CountAsync(run, EventTypes.ChildStarted));
        Assert.Equal(1, await CountAsync(run, EventTypes.ChildCompleted));
        Assert.All(await EntriesAsync(child), entry => Assert.Equal(run.Id, entry.TransactionId));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task CallWorkflow_ParentIsCanceled_ChildIsToo()
    {
        await DefineAsync(Approve);
        var run = await StartAsync("""
            language: "1.0"
            name: parent-canceled
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: call_workflow, workflow: approve, input: { total: 1 } }
            """);
        var child = new RunIdentity(Tenant, Children.ChildId(run, "call:1:1"));
        await WaitingAsync(child, "approve:1:1");
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(child, RunStatus.Canceled);
        await EndedAsync(run, RunStatus.Canceled);
    }

    [Fact]
    public async Task CallWorkflow_UnknownOrBadInput_FailsTheStep()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: calls-nobody
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: call_workflow, workflow: nobody, input: {} }
            """);
        Assert.Equal("child.workflow-unknown", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
    }

    private static Task<WaitRefusedException> Refused(Func<Task> act) => Assert.ThrowsAsync<WaitRefusedException>(act);
}
