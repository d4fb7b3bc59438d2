using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    [Fact]
    public async Task CallWorkflow_TreeHasAsManyRunsAsItMay_FailsAndStartsNoMore()
    {
        await DefineAsync("""
            language: "1.0"
            name: tree-leaf
            version: 1.0.0
            start: a
            steps: [ { id: a, type: set, values: { n: 1 } } ]
            """);
        await DefineAsync("""
            language: "1.0"
            name: tree-branch
            version: 1.0.0
            limits: { runs: 10000 }
            start: each
            steps: [ { id: each, type: foreach, items: "${ [1.0, 2.0, 3.0] }", start: leaf, steps: [ { id: leaf, type: call_workflow, workflow: tree-leaf } ] } ]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: tree-root
            version: 1.0.0
            limits: { runs: 9 }
            start: each
            steps: [ { id: each, type: foreach, concurrency: 4, items: "${ [1.0, 2.0, 3.0, 4.0] }", start: branch, steps: [ { id: branch, type: call_workflow, workflow: tree-branch } ] } ]
            """);

        Assert.Equal("child.too-many", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
        var tree = await Under.Core.Parts.Ledger.ReadRowAsync(Tenant, RowKeys.Tree(run.Id));
        Assert.Equal(9, TreeRow.From(tree!).Runs);
        Assert.Equal(9, (await Under.Core.Parts.Ledger.ScanRowsAsync(Tenant, RowKeys.RunPrefix, null, 100)).Count);
    }

    [Fact]
    public async Task CallWorkflow_TreeWithinItsLimits_Completes()
    {
        await DefineAsync("""
            language: "1.0"
            name: within-leaf
            version: 1.0.0
            start: a
            steps: [ { id: a, type: set, values: { n: 1 } } ]
            output: 1
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: within-root
            version: 1.0.0
            limits: { runs: 21, depth: 1, items: 20, steps: 41 }
            start: each
            steps: [ { id: each, type: foreach, items: "${ [1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,16.0,17.0,18.0,19.0,20.0] }", start: leaf, steps: [ { id: leaf, type: call_workflow, workflow: within-leaf, next: more }, { id: more, type: set, values: { n: 1 } } ] } ]
            output: "${ steps.each.output.size() }"
            """);

        Assert.Equal(20, (await OutputAsync(run)).GetInt32());
    }

    [Fact]
    public async Task CallWorkflow_DeeperThanDeclared_Fails()
    {
        await DefineAsync("""
            language: "1.0"
            name: deep-leaf
            version: 1.0.0
            start: a
            steps: [ { id: a, type: set, values: { n: 1 } } ]
            """);
        await DefineAsync("""
            language: "1.0"
            name: deep-middle
            version: 1.0.0
            start: a
            steps: [ { id: a, type: call_workflow, workflow: deep-leaf } ]
            """);
        var run = await StartAsync("""
            language: "1.0"
            name: deep-root
            version: 1.0.0
            limits: { depth: 1 }
            start: a
            steps: [ { id: a, type: call_workflow, workflow: deep-middle } ]
            """);

        Assert.Equal("child.too-deep", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
    }

    [Fact]
    public async Task ForEach_MoreItemsInAllThanTheRunMayHave_Fails()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: many-items
            version: 1.0.0
            limits: { items: 8 }
            start: outer
            steps:
              - id: outer
                type: foreach
                max_items: 5
                concurrency: 1
                items: "${ [1.0, 2.0, 3.0] }"
                start: inner
                steps: [ { id: inner, type: foreach, max_items: 5, items: "${ [1.0, 2.0, 3.0] }", start: a, steps: [ { id: a, type: set, values: { n: 1 } } ] } ]
            """);

        var error = (await EndedAsync(run, RunStatus.Failed)).Error!;
        Assert.Equal("run.too-many-items", error.Type);
        Assert.Contains("limits.items allows 8", error.Detail, StringComparison.Ordinal);
        Assert.Equal(3, (await EntriesAsync(run)).Count(entry => entry.Type == EventTypes.StepCompleted && entry.Step.EndsWith(".a", StringComparison.Ordinal)));
    }

    // Long enough that a history is handed over on the way; what catches everything does not catch this.
    [Fact]
    public async Task Loop_EntersMoreStepsThanTheRunMay_FailsAndIsNotCaught()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: many-steps
            version: 1.0.0
            limits: { steps: 40 }
            start: note
            steps:
              - { id: note, type: emit, event: custom.round, data: {}, max_visits: 10000, catch: [ { type: "*", goto: note } ], next: count }
              - { id: count, type: set, values: { n: 1 }, catch: [ { type: "*", goto: note } ], next: note }
            """);

        Assert.Equal("run.too-many-steps", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
        Assert.Equal(20, await CountAsync(run, "custom.round"));
        await LogIsIntactAsync();
    }
}
