using Countersign.Functions.Runs;
using Countersign.Orchestration;

namespace Countersign.Functions.Tests.Runs;

public sealed class DurableOrchestrationTests : IDisposable
{
    private static readonly RunPin Pin = new("definition", "root", "correlation", "alice");

    private readonly FakeContext context = new();
    private readonly DurableOrchestration orchestration;

    public DurableOrchestrationTests() =>
        orchestration = new DurableOrchestration(context.Object, new RunIdentity("acme", "0195a3c27b1e7c44b6a1d0e5f2a39c01"), context.Input, continueAsNewAfter: 3);

    public void Dispose() => orchestration.Dispose();

    [Theory]
    [InlineData("ai_generate", "GenerateText")]
    [InlineData("api_call", "CallApi")]
    [InlineData("emit", "RunStep")]
    [InlineData("$flush", "RunStep")]
    public async Task ExecuteAsync_Kind_HasItsOwnActivity(string kind, string activity)
    {
        context.Answer = (_, _) => Task.FromResult(context.Done("a:1:1"));
        await orchestration.ExecuteAsync(Execution("a", kind));

        Assert.Equal(activity, Assert.Single(context.Calls).Name);
    }

    [Fact]
    public async Task ExecuteAsync_Activity_IsRepeatedUntilStorageIsBack()
    {
        context.Answer = (_, _) => Task.FromResult(context.Done("a:1:1"));
        await orchestration.ExecuteAsync(Execution("a"));

        var policy = Assert.Single(context.Calls).Options!.Retry!.Policy!;
        Assert.Equal(int.MaxValue, policy.MaxNumberOfAttempts);
        Assert.Equal(TimeSpan.FromMinutes(1), policy.MaxRetryInterval);
        Assert.Equal(Timeout.InfiniteTimeSpan, policy.RetryTimeout);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerOfAnotherCall_IsAReplayMismatch()
    {
        context.Answer = (_, _) => Task.FromResult(context.Done("ghost:1:1"));
        var mismatch = await Assert.ThrowsAsync<ReplayMismatchException>(() => orchestration.ExecuteAsync(Execution("a")));

        Assert.Equal(("ghost:1:1", "a:1:1"), (mismatch.Expected, mismatch.Found));
    }

    [Fact]
    public async Task ExecuteAsync_UnforeseenError_IsAFault()
    {
        context.Answer = (_, _) => Task.FromResult(new CallOutput { Fault = "InvalidOperationException" });
        var fault = await Assert.ThrowsAsync<RunFaultException>(() => orchestration.ExecuteAsync(Execution("a")));

        Assert.Equal("InvalidOperationException", fault.Kind);
    }

    [Fact]
    public async Task UtcNow_StandsStillBetweenAnswersAndNeverGoesBack()
    {
        var start = context.Now;
        context.Answer = (_, _) => Task.FromResult(context.Done("a:1:1"));
        context.Pass(TimeSpan.FromSeconds(5));
        await orchestration.ExecuteAsync(Execution("a"));
        context.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(start.AddSeconds(5), orchestration.UtcNow);

        context.Pass(TimeSpan.FromSeconds(-8));
        await orchestration.ExecuteAsync(Execution("a"));
        Assert.Equal(start.AddSeconds(5), orchestration.UtcNow);
    }

    [Fact]
    public async Task ShouldContinueAsNew_AfterItsAnswers_OnlyWhileNoCallIsOpen()
    {
        context.Answer = (_, _) => Task.FromResult(context.Done("a:1:1"));
        await orchestration.ExecuteAsync(Execution("a"));
        await orchestration.ExecuteAsync(Execution("a"));
        Assert.False(orchestration.ShouldContinueAsNew);
        await orchestration.ExecuteAsync(Execution("a"));
        Assert.True(orchestration.ShouldContinueAsNew);

        var open = new TaskCompletionSource<CallOutput>();
        context.Answer = (_, _) => open.Task;
        var call = orchestration.ExecuteAsync(Execution("a"));
        Assert.False(orchestration.ShouldContinueAsNew);
        open.SetResult(context.Done("a:1:1"));
        await call;
        Assert.True(orchestration.ShouldContinueAsNew);
    }

    [Fact]
    public async Task WaitAsync_OnePoke_CostsTwoActivities()
    {
        Waits(openFor: TimeSpan.FromHours(1), checks: [CallResult.Succeeded]);
        var wait = orchestration.WaitAsync(Wait("approve"));
        Assert.False(wait.IsCompleted);
        context.Raise("approve:1:1");

        Assert.Equal(CallResult.Succeeded, (await wait).Result);
        Assert.Equal(["OpenWait", "CheckWait"], Names());
        Assert.Equal(0, context.OpenTimers);
    }

    [Fact]
    public async Task WaitAsync_PokesBeforeItIsOpenAndWhileItIsChecked_AreTakenTogether()
    {
        Waits(openFor: TimeSpan.FromHours(1), checks: [CallResult.StillOpen, CallResult.StillOpen, CallResult.Succeeded]);
        for (var i = 0; i < 5; i++)
        {
            context.Raise("approve:1:1");
        }

        var wait = orchestration.WaitAsync(Wait("approve"));
        Assert.Equal(["OpenWait"], Names());
        context.Raise("approve:1:1");
        context.Raise("approve:1:1");
        Assert.False(wait.IsCompleted);
        context.Raise("$asked");

        Assert.Equal(CallResult.Succeeded, (await wait).Result);
        Assert.Equal(["OpenWait", "CheckWait", "CheckWait", "CheckWait"], Names());
    }

    [Fact]
    public async Task WaitAsync_PokeDuringACheck_IsNotLost()
    {
        Waits(openFor: TimeSpan.FromHours(1), checks: []);
        var check = new TaskCompletionSource<CallOutput>();
        var checks = 0;
        var open = context.Answer;
        context.Answer = (name, input) => name != "CheckWait" ? open(name, input)
            : ++checks == 1 ? check.Task : Task.FromResult(context.Done("approve:1:1"));
        var wait = orchestration.WaitAsync(Wait("approve"));
        context.Raise("approve:1:1");
        context.Raise("approve:1:1");
        check.SetResult(new CallOutput());

        Assert.Equal(CallResult.Succeeded, (await wait).Result);
        Assert.Equal(2, checks);
    }

    [Fact]
    public async Task WaitAsync_PokeWhileASiblingIsChecked_ReachesBoth()
    {
        var checks = new Dictionary<string, int> { ["a:1:1"] = 0, ["b:1:1"] = 0 };
        context.Answer = (name, input) =>
        {
            var key = $"{input.Request!.Value.GetProperty("stepId").GetString()}:1:1";
            return Task.FromResult(name == "OpenWait" ? new CallOutput { Deadline = context.Now.AddHours(1) }
                : ++checks[key] < 2 ? new CallOutput() : context.Done(key, CallResult.Canceled));
        };
        var (a, b) = (orchestration.WaitAsync(Wait("a")), orchestration.WaitAsync(Wait("b")));
        context.Raise("$asked");
        Assert.Equal([1, 1], checks.Values);
        context.Raise("$asked");

        Assert.Equal(CallResult.Canceled, (await a).Result);
        Assert.Equal(CallResult.Canceled, (await b).Result);
    }

    [Fact]
    public async Task WaitAsync_Deadline_ChecksAgainWhereTheOtherClockIsBehind()
    {
        Waits(openFor: TimeSpan.FromSeconds(10), checks: [CallResult.StillOpen, CallResult.Expired]);
        var wait = orchestration.WaitAsync(Wait("approve"));
        context.Pass(TimeSpan.FromSeconds(10));
        Assert.False(wait.IsCompleted);
        context.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(CallResult.Expired, (await wait).Result);
    }

    [Fact]
    public async Task SleepAsync_NobodyAsks_CostsNoActivity()
    {
        var sleep = orchestration.SleepAsync(new StepRef("a", 1, 1), context.Now.AddMinutes(1));
        context.Pass(TimeSpan.FromSeconds(59));
        Assert.False(sleep.IsCompleted);
        context.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(RunFlags.None, (await sleep).Flags);
        Assert.Empty(context.Calls);
    }

    [Fact]
    public async Task SleepAsync_Cancel_WakesIt()
    {
        var asked = RunFlags.None;
        context.Answer = (_, _) => Task.FromResult(context.Done("a:1:1", flags: asked));
        var sleep = orchestration.SleepAsync(new StepRef("a", 1, 1), context.Now.AddMinutes(1));
        context.Raise("$asked");
        Assert.False(sleep.IsCompleted);
        asked = RunFlags.Cancel;
        context.Raise("$asked");

        Assert.Equal(RunFlags.Cancel, (await sleep).Flags);
        Assert.Equal(["ReadFlags", "ReadFlags"], Names());
        Assert.Equal(0, context.OpenTimers);
    }

    [Fact]
    public async Task HoldAsync_Paused_WaitsUntilContinued()
    {
        var asked = RunFlags.Pause;
        context.Answer = (_, _) => Task.FromResult(context.Done("$hold:1:1", flags: asked));
        var hold = orchestration.HoldAsync(new StepRef("$hold", 1, 1));
        context.Raise("$asked");
        Assert.False(hold.IsCompleted);
        asked = RunFlags.None;
        context.Raise("$asked");

        Assert.Equal(RunFlags.None, (await hold).Flags);
    }

    [Fact]
    public async Task WaitAsync_AnswerOfAnotherCall_LeavesNoTimer()
    {
        Waits(openFor: TimeSpan.FromHours(1), checks: []);
        var open = context.Answer;
        context.Answer = (name, input) => name == "CheckWait" ? Task.FromResult(context.Done("ghost:1:1")) : open(name, input);
        var wait = orchestration.WaitAsync(Wait("approve"));
        context.Raise("approve:1:1");

        await Assert.ThrowsAsync<ReplayMismatchException>(() => wait);
        Assert.Equal(0, context.OpenTimers);
    }

    [Fact]
    public async Task ParkAsync_OtherBranchesWait_LeavesNoTimerAndNothingMoreIsAsked()
    {
        Waits(openFor: TimeSpan.FromHours(1), checks: []);
        var wait = orchestration.WaitAsync(Wait("approve"));
        Assert.Equal(1, context.OpenTimers);
        await orchestration.ParkAsync(new RunFaultException("test"));
        context.Raise("approve:1:1");

        Assert.Equal(0, context.OpenTimers);
        Assert.False(wait.IsCompleted);
        Assert.Equal(["OpenWait", "ParkRun"], Names());
    }

    [Fact]
    public void SetStatus_LongText_IsCut()
    {
        context.Mock.Setup(mock => mock.SetCustomStatus(Moq.It.Is<string>(status => status.Length == 8_000))).Verifiable();
        orchestration.SetStatus(new string('s', 20_000));
        context.Mock.Verify();
    }

    private void Waits(TimeSpan openFor, CallResult[] checks)
    {
        var next = 0;
        var deadline = context.Now + openFor;
        context.Answer = (name, _) => Task.FromResult(
            name == "ParkRun" ? new CallOutput()
            : name == "OpenWait" ? new CallOutput { Deadline = deadline }
            : checks[next++] is var result && result is CallResult.StillOpen ? new CallOutput()
            : context.Done("approve:1:1", result));
    }

    private IEnumerable<string> Names() => context.Calls.Select(call => call.Name);

    private static ExecutionRequest Execution(string step, string kind = "emit") =>
        new() { Step = new StepRef(step, 1, 1), StepId = step, Pin = Pin, Kind = kind, Scope = new ScopeValues() };

    private static WaitRequest Wait(string step) => new() { Step = new StepRef(step, 1, 1), StepId = step, Pin = Pin, Scope = new ScopeValues() };
}
