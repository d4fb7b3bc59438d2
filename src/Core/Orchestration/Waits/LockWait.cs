using System.Text.Json;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The lock that a step takes before its first attempt.</summary>
/// <param name="kind">The step kind.</param>
public sealed class LockWait(string kind) : IWaitKind
{
    /// <summary>What a hold is longer than the step's own limits, so that a lost poke or a restart does not use them up: 2 minutes.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public string Kind => kind;

    /// <inheritdoc/>
    public WaitTerms Render(StepExecution execution, DateTimeOffset now)
    {
        var mutex = execution.Definition.MutexOf(execution.Step)!;
        var name = mutex.Name.Render(execution.Scope);
        return name.ValueKind is JsonValueKind.String && StepMutex.IsName(name.GetString()!)
            ? new WaitTerms
            {
                Kind = WaitKind.Lock,
                Deadline = now + mutex.Wait,
                Lock = new WaitLock(name.GetString()!, HoldOf(execution.Definition, execution.Step)) { Compensating = execution.Step.Mutex is null },
            }
            : throw MutexErrors.NameInvalid(name);
    }

    /// <summary>How long a step may hold a lock: as long as its attempts and the delays between them take at most, and <see cref="Grace"/>.</summary>
    public static TimeSpan HoldOf(Definition definition, Step step)
    {
        var policy = step.Retry ?? definition.Defaults.Retry ?? RetryPolicy.None;
        var hold = (step.Timeout ?? definition.Defaults.Timeout ?? StepTimeouts.Default) * policy.Attempts;
        for (var failed = 1; failed < policy.Attempts; failed++)
        {
            hold += policy.DelayAfter(failed);
        }

        return hold + Grace;
    }
}
