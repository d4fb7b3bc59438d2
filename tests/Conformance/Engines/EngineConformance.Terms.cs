using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Conformance.Engines;

/// <summary>What a wait takes for its length and its end, and the defaults of what a run is given.</summary>
public abstract partial class EngineConformance
{
    [Fact]
    public async Task Wait_ForANumberOfSeconds_WaitsThatLong()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: seconds
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, for: "${ input.s }" } ]
            output: "done"
            """);
        var moments = new List<RunIdentity>();
        foreach (var seconds in new[] { "0", "1.0", "1.5" })
        {
            moments.Add(await StartAsync(definition, $$"""{"s":{{seconds}}}"""));
        }

        foreach (var run in moments)
        {
            Assert.Equal("done", (await OutputAsync(run)).GetString());
        }

        var wait = (await Waits.FindAsync(moments[2], "wait:1:1"))!;
        Assert.Equal(TimeSpan.FromSeconds(1.5), wait.Deadline - wait.Opened);
    }

    [Theory]
    [InlineData("for", "-1")]
    [InlineData("for", "31622401")]
    [InlineData("for", "\"5\"")]
    [InlineData("for", "null")]
    [InlineData("until", "\"2026-12-24T18:00:00\"")]
    [InlineData("until", "\"2026-12-24\"")]
    [InlineData("until", "\"2026-12-24T18:00\"")]
    [InlineData("until", "1798135200")]
    public async Task Wait_ForWhatIsNoTime_FailsOnEveryMachine(string field, string value)
    {
        var run = await StartAsync($$"""
            language: "1.0"
            name: no-time
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, {{field}}: "${ input.at }" } ]
            """, $$"""{"at":{{value}}}""");
        var error = (await EndedAsync(run, RunStatus.Failed)).Error!;
        Assert.Equal("wait.time-invalid", error.Type);
        Assert.Contains(value, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_OfInputFormAndEvent_AreFilledIn()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: defaults
            version: 1.0.0
            input: { type: object, required: [currency], properties: { currency: { type: string, default: EUR }, lines: { type: array, items: { type: object, properties: { qty: { type: number, default: 1 } } } } } }
            start: ask
            steps:
              - { id: ask, type: form, assignees: { role: approver }, fields: [ { key: category, type: choice, options: [travel, other], default: other } ], next: go }
              - { id: go, type: wait, event: { name: go, schema: { type: object, properties: { count: { type: number, default: 3 } } } } }
            output: { currency: "${ input.currency }", next: "${ input.lines[0].qty + 1 }", category: "${ steps.ask.output.category }", count: "${ steps.go.output.count }" }
            """, """{"lines":[{}]}""");
        var submissions = new Submissions(Waits, Under.Core.Workflows, Under.Core.Values);
        await submissions.SubmitAsync(Bob, (await WaitingAsync(run, "ask:1:1")).Id, JsonElement.Parse("{}"));
        await submissions.ReceiveAsync(Bob, (await WaitingAsync(run, "go:1:1")).Id, "go", JsonElement.Parse("{}"));
        Assert.Equal("""{"category":"other","count":3,"currency":"EUR","next":2}""", (await OutputAsync(run)).GetRawText());
    }

    [Fact]
    public async Task Version_LeftOut_IsTheNewestRelease()
    {
        const string Called = """
            language: "1.0"
            name: called
            version: VERSION
            start: a
            steps: [ { id: a, type: set, values: { x: 1 } } ]
            output: "VERSION"
            """;
        var caller = await DefineAsync("""
            language: "1.0"
            name: caller
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: called } ]
            output: "${ steps.call.output }"
            """);
        await DefineAsync(Called.Replace("VERSION", "2.0.0-rc.1", StringComparison.Ordinal));
        var starts = Under.Core.Starts(Under.Engine);
        await Assert.ThrowsAsync<WorkflowNotFoundException>(() => starts.StartAsync(Alice, new StartRequest { Workflow = "called", Input = JsonElement.Parse("{}") }));

        foreach (var version in new[] { "1.10.0", "1.9.0" })
        {
            await DefineAsync(Called.Replace("VERSION", version, StringComparison.Ordinal));
        }

        Assert.Equal("1.10.0", (await OutputAsync(await StartAsync(caller))).GetString());
        var newest = await starts.StartAsync(Alice, new StartRequest { Workflow = "called", Input = JsonElement.Parse("{}") });
        Assert.Equal("1.10.0", newest.Run.Version);
        var named = await starts.StartAsync(Alice, new StartRequest { Workflow = "called", Version = "2.0.0-rc.1", Input = JsonElement.Parse("{}") });
        Assert.Equal("2.0.0-rc.1", named.Run.Version);
    }
}
