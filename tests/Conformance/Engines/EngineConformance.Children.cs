using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
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

    [Fact]
    public async Task CallWorkflow_TimeIsUp_CancelsTheChildAndFailsTheStep()
    {
        await DefineAsync(Approve);
        var run = await StartAsync("""
            language: "1.0"
            name: parent-impatient
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: call_workflow, workflow: approve, timeout: 2h, input: { total: 1 }, catch: [{ type: step.timeout, goto: late }] }
              - { id: late, type: emit, event: custom.late, data: { why: "${ errors.call.detail }" } }
            """);
        var child = new RunIdentity(Tenant, Children.ChildId(run, "call:1:1"));
        await WaitingAsync(child, "approve:1:1");
        Assert.Equal(TimeSpan.FromHours(2), (await RowAsync(child)).Deadline - (await RowAsync(child)).Created);

        // Long before the approval's own deadline would not do: it expires after one hour by the clock of whoever looks.
        await SweepAsync(TimeSpan.FromHours(2) + TimeSpan.FromMinutes(1));

        Assert.Contains("7200 s", (await OutputAsync(run)).GetProperty("why").GetString(), StringComparison.Ordinal);
        var ended = await EndedAsync(child, RunStatus.Canceled);
        Assert.True(ended.TimedOut);
        Assert.Equal(1, await CountAsync(child, EventTypes.RunCancelRequested));
        Assert.Equal(0, await CountAsync(run, EventTypes.RunCancelRequested));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task CallWorkflow_AsCompensation_IsLoggedAsOneWhetherItSucceedsOrFails()
    {
        Remote.On("/refund-b", 409, "{}");
        await DefineAsync("""
            language: "1.0"
            name: refunds
            version: 1.0.0
            start: refund
            steps: [ { id: refund, type: api_call, method: POST, url: "$remote/refund-${ input.what }" } ]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: undone-by-children
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "$remote/a", compensate: { type: call_workflow, workflow: refunds, input: { what: a } }, next: b }
              - { id: b, type: api_call, method: POST, url: "$remote/b", compensate: { type: call_workflow, workflow: refunds, input: { what: b } }, next: bad }
              - { id: bad, type: fail, error: custom.bad }
            """);
        await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(["/a", "/b", "/refund-b", "/refund-a"], Remote.Calls.Select(call => call.Path));
        var entries = await EntriesAsync(run);
        Assert.Equal(["a.compensate"], entries.Where(entry => entry.Type == EventTypes.StepCompensated).Select(entry => entry.Step));
        Assert.Equal(["bad", "b.compensate"], entries.Where(entry => entry.Type == EventTypes.StepFailed).Select(entry => entry.Step));
    }

    [Fact]
    public async Task CallWorkflow_TraceOfTheStarter_IsPassedOnByAllRunsOfTheTree()
    {
        await DefineAsync("""
            language: "1.0"
            name: traced-child
            version: 1.0.0
            start: call
            steps: [ { id: call, type: api_call, method: POST, url: "$remote/traced-child" } ]
            """);
        var definition = await DefineAsync("""
            language: "1.0"
            name: traced
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/traced", next: child }
              - { id: child, type: call_workflow, workflow: traced-child, input: {} }
            """);
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var started = await Under.Core.Starts(Under.Engine).StartAsync(
            Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}"), TraceParent = $"00-{Trace}-00f067aa0ba902b7-01" });
        await EndedAsync(new RunIdentity(Tenant, started.Run.Id));

        var traces = Remote.Calls.Select(call => call.TraceParent!).ToList();
        Assert.Equal(2, traces.Count);
        Assert.All(traces, trace => Assert.StartsWith($"00-{Trace}-", trace, StringComparison.Ordinal));
        Assert.Equal(2, traces.Distinct().Count());
    }

    [Fact]
    public async Task CallWorkflow_InACircle_FailsAtABoundedDepth()
    {
        const string Circle = """
            language: "1.0"
            name: $a
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: $b, version: 1.x } ]
            """;
        await DefineAsync(Circle.Replace("$a", "circle-b", StringComparison.Ordinal).Replace("$b", "circle-a", StringComparison.Ordinal));
        var run = await StartAsync(Circle.Replace("$a", "circle-a", StringComparison.Ordinal).Replace("$b", "circle-b", StringComparison.Ordinal));

        Assert.Equal("child.too-deep", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
        Assert.Equal(1 + Children.DeepestCall, (await Under.Core.Parts.Ledger.ScanRowsAsync(Tenant, RowKeys.RunPrefix, null, 100)).Count);
    }
}
