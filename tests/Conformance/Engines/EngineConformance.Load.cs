using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

/// <summary>Much at a time, long, wide and large: nothing is lost, doubled or refused for its size.</summary>
public abstract partial class EngineConformance
{
    /// <summary>How many runs are started at once.</summary>
    protected virtual int Crowd => 1_000;

    /// <summary>How many steps the longest run has; even.</summary>
    protected virtual int Steps => 10_000;

    /// <summary>How many items the widest fan-out has.</summary>
    protected virtual int Width => 1_000;

    /// <summary>How many pieces of 900 kB make up the largest value.</summary>
    protected virtual int Pieces => 12;

    [Fact]
    public async Task Load_ManyStartsAtOnce_EachRunsOnce()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: crowd
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/crowd", body: { n: "${ input.n }" }, idempotent: true, next: note }
              - { id: note, type: emit, event: custom.noted, data: { n: "${ input.n }" } }
            output: "${ steps.note.output.n }"
            """);
        var runs = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(i => StartAsync(definition, $$"""{"n":{{i}}}""")));
        for (var i = 0; i < runs.Length; i++)
        {
            Assert.Equal(i, (await OutputAsync(runs[i])).GetInt32());
        }

        Assert.Equal(Crowd, Remote.CallsTo("/crowd").Count);
        Assert.Equal(Crowd, Remote.CallsTo("/crowd").Select(call => call.IdempotencyKey).Distinct().Count());
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Load_LongRun_ComesToItsEnd()
    {
        var run = await StartAsync($$"""
            language: "1.0"
            name: very-long
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: set, values: { n: "${ 0.0 }" }, next: count }
              - { id: count, type: set, max_visits: 10000, values: { n: "${ context.runtime.n + 1.0 }" }, next: again }
              - { id: again, type: conditional, max_visits: 10000, when: "context.runtime.n < {{Steps / 2}}.0", then: count, else: done }
              - { id: done, type: emit, event: custom.done, data: { n: "${ context.runtime.n }" } }
            """);

        Assert.Equal(Steps / 2, (await OutputAsync(run)).GetProperty("n").GetInt32());
        Assert.Equal(Steps + 2, await CountAsync(run, EventTypes.StepCompleted));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Load_WideFanOut_JoinsInOrder()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: very-wide
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: "${ input.items }"
                concurrency: 100
                start: call
                steps: [ { id: call, type: api_call, method: POST, url: "$remote/wide", body: { item: "${ item }" }, idempotent: true } ]
                output: "${ item }"
            """, $$"""{"items":[{{string.Join(',', Enumerable.Range(0, Width))}}]}""");

        Assert.Equal(Enumerable.Range(0, Width), (await OutputAsync(run)).EnumerateArray().Select(item => item.GetInt32()));
        Assert.Equal(Width, Remote.CallsTo("/wide").Select(call => call.IdempotencyKey).Distinct().Count());
        Assert.Equal(Width, Remote.CallsTo("/wide").Count);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Load_LargeValue_GoesThroughFanOutChildAndOutput()
    {
        Remote.On("/piece", 200, $$"""{"text":"{{new string('x', 900_000)}}"}""");
        await DefineAsync("""
            language: "1.0"
            name: hands-back
            version: 1.0.0
            start: count
            steps: [ { id: count, type: emit, event: custom.counted, data: { pieces: "${ size(input.all) }" } } ]
            output: { all: "${ input.all }" }
            """);
        var run = await StartAsync($$"""
            language: "1.0"
            name: very-large
            version: 1.0.0
            start: each
            steps:
              - id: each
                type: foreach
                items: "${ input.items }"
                start: fetch
                steps: [ { id: fetch, type: api_call, url: "$remote/piece" } ]
                output: "${ steps.fetch.output.text }"
                next: call
              - { id: call, type: call_workflow, workflow: hands-back, input: { all: "${ steps.each.output }" } }
            output: "${ steps.call.output }"
            """, $$"""{"items":[{{string.Join(',', Enumerable.Range(0, Pieces))}}]}""");

        var output = (await OutputAsync(run)).GetProperty("all").EnumerateArray().Select(piece => piece.GetString()!.Length).ToList();
        Assert.Equal(Enumerable.Repeat(900_000, Pieces), output);
        Assert.True((await RowAsync(run)).Output!.Length > Pieces * 900_000L);
    }
}
