using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
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
    public async Task Parallel_OneFailsBeforeTheOthersAreOpen_NothingStaysOpen()
    {
        await DefineAsync(Approve);
        var definition = await DefineAsync("""
            language: "1.0"
            name: fails-at-once
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: ask, start: ask, steps: [ { id: ask, type: approval, approvers: { role: approver }, expires: 2d } ] }
                  - { name: call, start: call, steps: [ { id: call, type: call_workflow, workflow: approve, input: { total: 1 } } ] }
                  - { name: bad, start: bad, steps: [ { id: bad, type: fail, error: custom.bad } ] }
            """);
        for (var round = 0; round < 5; round++)
        {
            var run = await StartAsync(definition);
            var ended = await EndedAsync(run, RunStatus.Failed);
            Assert.Equal("custom.bad", ended.Error!.Type);
            Assert.False(await Waits.FindAsync(run, "fan:1.ask.ask:1:1") is { IsOpen: true });
            var child = new RunIdentity(Tenant, Children.ChildId(run, "fan:1.call.call:1:1"));
            await UntilAsync(async () => await Under.Core.Rows.FindAsync(child), row => row is null or { Run.IsEnded: true });
        }

        await LogIsIntactAsync();
    }

    [Fact]
    public async Task ForEach_ItemsLargerThanTravelInline_AreReadOneByOne()
    {
        var items = Enumerable.Range(0, 12).Select(i => $$"""{"id":{{i}},"text":"{{new string('x', 2_000)}}"}""");
        Remote.On("/items", 200, $$"""{"items":[{{string.Join(',', items)}}]}""");
        var run = await StartAsync("""
            language: "1.0"
            name: each-large
            version: 1.0.0
            start: fetch
            steps:
              - { id: fetch, type: api_call, url: "$remote/items", next: each }
              - id: each
                type: foreach
                items: "${ steps.fetch.output.items }"
                concurrency: 4
                start: call
                steps: [ { id: call, type: api_call, method: POST, url: "$remote/item", body: { id: "${ item.id }", size: "${ size(item.text) }" } } ]
                output: "${ item.id }"
            """);

        Assert.Equal("[0,1,2,3,4,5,6,7,8,9,10,11]", (await OutputAsync(run)).GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.All(Remote.CallsTo("/item"), call => Assert.Contains("2000", call.Body, StringComparison.Ordinal));
        Assert.Equal(12, Remote.CallsTo("/item").Count);
    }

    [Fact]
    public async Task Outputs_ThatAreNull_AreValuesLikeAnyOther()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: nulls
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: none, start: a, steps: [ { id: a, type: emit, event: custom.a } ] }
                  - { name: some, start: b, steps: [ { id: b, type: emit, event: custom.b, data: 1 } ] }
                next: each
              - { id: each, type: foreach, items: [ null, 2 ], start: c, steps: [ { id: c, type: emit, event: custom.c, data: "${ item }" } ], next: last }
              - { id: last, type: emit, event: custom.last, data: { fan: "${ steps.fan.output }", each: "${ steps.each.output }" } }
            """);
        var expected = """{"each":[null,2],"fan":{"none":null,"some":1}}""";
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(Canonical.CanonicalJson.ToBytes(await OutputAsync(run))));
    }

    [Fact]
    public async Task Parallel_ChildWithdrawnWhileItStarts_ParentEnds()
    {
        await DefineAsync(Approve);
        var definition = await DefineAsync("""
            language: "1.0"
            name: withdraws-child
            version: 1.0.0
            start: fan
            steps:
              - id: fan
                type: parallel
                branches:
                  - { name: call, start: call, steps: [ { id: call, type: call_workflow, workflow: approve, input: { total: 1 } } ] }
                  - { name: bad, start: bad, steps: [ { id: bad, type: fail, error: custom.bad } ] }
            """);
        var runs = await Task.WhenAll(Enumerable.Range(0, Math.Min(Crowd, 200)).Select(_ => StartAsync(definition)));
        foreach (var run in runs)
        {
            await EndedAsync(run, RunStatus.Failed);
        }
    }
}
