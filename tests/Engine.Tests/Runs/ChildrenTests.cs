using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

public sealed class ChildrenTests : IAsyncLifetime
{
    private readonly ActivityStage stage = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Theory]
    [InlineData(false, RunFlags.Cancel)]
    [InlineData(true, RunFlags.None)]
    public async Task StartAsync_ParentWasCanceledBeforeTheChildWasThere_ChildIsAskedToEndUnlessItUndoes(bool compensating, RunFlags expected)
    {
        var core = stage.Core();
        await stage.DefineAsync(core, """
            language: "1.0"
            name: child
            version: 1.0.0
            start: wait
            steps: [ { id: wait, type: wait, event: { name: never } } ]
            """);
        var parent = await stage.DefineAsync(core, """
            language: "1.0"
            name: parent
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: child, input: {}, compensate: { type: call_workflow, workflow: child, input: {} } } ]
            """);
        var run = await stage.StartAsync(core, parent);
        await stage.Activities(core).Claim.RunAsync(new Delivery { Run = run, Nonce = "one" }, CancellationToken.None);
        await stage.Commands(core).CancelAsync(stage.Alice, run.Id, null);

        var (child, failure) = await stage.Activities(core).Children.StartAsync(
            new Delivery { Run = run, Nonce = "two" },
            new ChildRequest
            {
                Step = new StepRef("call", 1, 1),
                StepId = "call",
                Pin = new RunPin(parent.Hash, run.Id, run.Id, "alice"),
                Scope = new ScopeValues(),
                Compensating = compensating,
            },
            CancellationToken.None);

        Assert.Null(failure);
        Assert.Equal(expected, (await core.Rows.ReadAsync(child!)).Run.Flags);
    }
}
