using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    // The first attempt has its effect, its answer cannot be decoded, and the pause before the second one is long.
    private const string Paused =
        """type: api_call, method: POST, url: "$remote/pay", idempotent: true, retry: { attempts: 3, initial: 60s, max: 60s }, """
        + """compensate: { type: api_call, method: DELETE, url: "$remote/undo-pay" }""";

    private const string PausedAlone = "language: '1.0'\nname: paused\nversion: 1.0.0\nstart: pay\nsteps: [ { id: pay, " + Paused + " } ]\n";

    [Fact]
    public async Task Effect_CanceledInThePauseBeforeARetry_IsUndone()
    {
        Remote.Garble("/pay", 201);
        var run = await StartAsync(PausedAlone);
        await PausedAsync(run);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        await UndoneOnceAsync(run);
    }

    [Fact]
    public async Task Effect_CanceledWhileTheAnswerIsOnItsWay_IsUndone()
    {
        Remote.Garble("/pay", 201);
        var release = Remote.Hold("/pay", "{", 201);
        var run = await StartAsync(PausedAlone);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/pay").Count), count => count == 1);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        release.SetResult();

        await EndedAsync(run, RunStatus.Canceled);
        await UndoneOnceAsync(run);
    }

    [Fact]
    public async Task Effect_KilledInThePauseBeforeARetryAndCanceled_IsUndone()
    {
        if (Under.CrashAsync is null)
        {
            return;
        }

        Remote.Garble("/pay", 201);
        var run = await StartAsync(PausedAlone);
        await PausedAsync(run);

        engine = await Under.CrashAsync();
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        await UndoneOnceAsync(run);
    }

    [Theory]
    [InlineData("type: foreach, items: \"[1]\", timeout: 1s, start: pay, steps: [ { id: pay, $paused } ]", "step.timeout")]
    [InlineData("type: parallel, timeout: 1s, branches: [ { name: x, start: pay, steps: [ { id: pay, $paused } ] } ]", "step.timeout")]
    [InlineData(
        "type: parallel, branches: [ { name: x, start: pay, steps: [ { id: pay, $paused } ] }, "
        + "{ name: y, start: w, steps: [ { id: w, type: wait, for: 1s, next: b }, { id: b, type: fail, error: custom.x, title: no go } ] } ]",
        "custom.x")]
    public async Task Effect_StoppedInThePauseByAStepAroundIt_IsUndone(string around, string error)
    {
        Remote.Garble("/pay", 201);
        var run = await StartAsync($$"""
            language: "1.0"
            name: around
            version: 1.0.0
            start: f
            steps: [ { id: f, {{around.Replace("$paused", Paused, StringComparison.Ordinal)}} } ]
            """);

        var ended = await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(error, ended.Error!.Type);
        await UndoneOnceAsync(run);
    }

    [Fact]
    public async Task Effect_CanceledInThePauseUnderALock_IsUndone()
    {
        Remote.Garble("/pay", 201);
        var run = await StartAsync(PausedAlone.Replace("type: api_call, method: POST", "mutex: { name: pay }, type: api_call, method: POST", StringComparison.Ordinal));
        await PausedAsync(run);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        await UndoneOnceAsync(run);
    }

    [Fact]
    public async Task Effect_NoneBeforeThePause_IsNotUndone()
    {
        Remote.On("/pay", 429, "{}");
        var run = await StartAsync(PausedAlone);
        await PausedAsync(run);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        Assert.Equal(["/pay"], Remote.Calls.Select(call => call.Path));
        Assert.Equal(0, await CountAsync(run, EventTypes.StepOutcomeUnknown));
    }

    [Theory]
    [InlineData("POST", "", 1)]
    [InlineData("PATCH", "", 1)]
    [InlineData("POST", ", idempotent: true", 2)]
    [InlineData("PUT", "", 2)]
    [InlineData("DELETE", "", 2)]
    public async Task Effect_OfAnAttemptThatHappened_IsRepeatedOnlyWhereThatIsNoSecondEffect(string method, string idempotent, int calls)
    {
        Remote.Garble("/pay", 201);
        var run = await StartAsync($$"""
            language: "1.0"
            name: once
            version: 1.0.0
            start: pay
            steps:
              - { id: pay, type: api_call, method: {{method}}, url: "$remote/pay"{{idempotent}}, retry: { attempts: 2, initial: 1ms }, compensate: { type: api_call, method: DELETE, url: "$remote/undo-pay" } }
            """);

        var ended = await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(StepEffect.Happened, ended.Error!.Effect);
        Assert.Equal(calls, Remote.CallsTo("/pay").Count);
        Assert.Equal(calls - 1, await CountAsync(run, EventTypes.StepRetried));
        Assert.Single(Remote.CallsTo("/undo-pay"));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepCompensated));
        await LogIsIntactAsync();
    }

    private async Task PausedAsync(RunIdentity run) => await UntilAsync(() => CountAsync(run, EventTypes.StepRetried), count => count == 1);

    private async Task UndoneOnceAsync(RunIdentity run)
    {
        Assert.Equal("happened", (await PayloadAsync(run, EventTypes.StepOutcomeUnknown)).GetProperty("effect").GetString());
        Assert.Equal(["POST /pay", "DELETE /undo-pay"], Remote.Calls.Select(call => $"{call.Method} {call.Path}"));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepCompensated));
        await LogIsIntactAsync();
    }
}
