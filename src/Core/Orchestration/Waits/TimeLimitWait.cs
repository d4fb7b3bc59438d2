using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The time limit of a step that runs blocks, as a wait beside them.</summary>
/// <param name="kind">The step kind.</param>
public sealed class TimeLimitWait(string kind) : IWaitKind
{
    /// <inheritdoc/>
    public string Kind => kind;

    /// <inheritdoc/>
    public WaitTerms Render(StepExecution execution, DateTimeOffset now) => new() { Kind = WaitKind.Limit, Deadline = now + execution.Step.Timeout!.Value };
}
