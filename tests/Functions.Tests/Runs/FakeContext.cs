using System.Text.Json;
using Countersign.Functions.Runs;
using Countersign.Orchestration;
using Microsoft.DurableTask;
using Moq;

namespace Countersign.Functions.Tests.Runs;

/// <summary>A task orchestration context whose activities answer as a test says, whose events come when a test raises them, and whose clock is the test's.</summary>
internal sealed class FakeContext
{
    private readonly Dictionary<string, Queue<TaskCompletionSource<string?>>> waiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> buffered = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(DateTime At, TaskCompletionSource Done)> timers = [];

    public FakeContext()
    {
        Mock = new Mock<TaskOrchestrationContext>(MockBehavior.Strict);
        Mock.SetupGet(context => context.CurrentUtcDateTime).Returns(() => Now.UtcDateTime);
        Mock.SetupGet(context => context.InstanceId).Returns(() => $"{Input.Tenant}:{Input.Run}");
        Mock.Setup(context => context.GetInput<RunInput>()).Returns(() => Input);
        Mock.Setup(context => context.CallActivityAsync<CallOutput>(It.IsAny<TaskName>(), It.IsAny<object?>(), It.IsAny<TaskOptions?>()))
            .Returns((TaskName name, object? input, TaskOptions? options) => CallAsync(name.Name, (CallInput)input!, options));
        Mock.Setup(context => context.WaitForExternalEvent<string?>(It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .Returns((string name, CancellationToken _) => Wait(name));
        Mock.Setup(context => context.CreateTimer(It.IsAny<DateTime>(), It.IsAny<CancellationToken>()))
            .Returns((DateTime at, CancellationToken canceled) => Timer(at, canceled));
        Mock.Setup(context => context.ContinueAsNew(It.IsAny<object?>(), It.IsAny<bool>()))
            .Callback((object? input, bool keep) => Continued = ((RunInput)input!, keep));
    }

    public Mock<TaskOrchestrationContext> Mock { get; }

    public TaskOrchestrationContext Object => Mock.Object;

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public RunInput Input { get; set; } = new("acme", "0195a3c27b1e7c44b6a1d0e5f2a39c01");

    /// <summary>Answers an activity, by its name and input.</summary>
    public Func<string, CallInput, Task<CallOutput>> Answer { get; set; } = (_, _) => throw new InvalidOperationException("No answer.");

    /// <summary>The activities that were called, in order.</summary>
    public List<(string Name, CallInput Input, TaskOptions? Options)> Calls { get; } = [];

    public (RunInput Input, bool KeepsEvents)? Continued { get; private set; }

    public int OpenTimers => timers.Count;

    /// <summary>The answer to a call.</summary>
    public CallOutput Done(string key, CallResult result = CallResult.Succeeded, RunFlags flags = RunFlags.None) => new()
    {
        Answer = JsonSerializer.SerializeToElement(
            new CallAnswer { Key = key, Result = result, Flags = flags, At = Now }, OrchestrationJson.Default.CallAnswer),
    };

    /// <summary>Raises an event; it waits where nobody waits for it.</summary>
    public void Raise(string name)
    {
        if (waiters.TryGetValue(name, out var queue) && queue.TryDequeue(out var waiter))
        {
            waiter.SetResult(null);
            return;
        }

        buffered[name] = buffered.GetValueOrDefault(name) + 1;
    }

    /// <summary>Lets time pass; timers that are due fire.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        foreach (var timer in timers.Where(timer => timer.At <= Now.UtcDateTime).ToList())
        {
            timers.Remove(timer);
            timer.Done.SetResult();
        }
    }

    private Task<CallOutput> CallAsync(string name, CallInput input, TaskOptions? options)
    {
        Calls.Add((name, input, options));
        return Answer(name, input);
    }

    private Task<string?> Wait(string name)
    {
        if (buffered.GetValueOrDefault(name) is var count && count > 0)
        {
            buffered[name] = count - 1;
            return Task.FromResult<string?>(null);
        }

        var waiter = new TaskCompletionSource<string?>();
        if (!waiters.TryGetValue(name, out var queue))
        {
            waiters[name] = queue = new();
        }

        Assert.Empty(queue);
        queue.Enqueue(waiter);
        return waiter.Task;
    }

    private Task Timer(DateTime at, CancellationToken canceled)
    {
        Assert.Equal(DateTimeKind.Utc, at.Kind);
        var timer = (At: at, Done: new TaskCompletionSource());
        timers.Add(timer);
        canceled.Register(() =>
        {
            timers.Remove(timer);
            timer.Done.TrySetCanceled(canceled);
        });
        return timer.Done.Task;
    }
}
