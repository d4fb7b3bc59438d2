using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>What the interpreter does for one kind of step. Deterministic: it uses only its arguments and what they offer.</summary>
internal abstract class StepControl
{
    /// <summary>Does the step and says where it leads.</summary>
    public abstract Task<StepResult> RunAsync(Frame frame, Step step, StepRef at);
}

/// <summary>A control that is written for one type of step.</summary>
internal abstract class StepControl<T> : StepControl
    where T : Step
{
    /// <inheritdoc/>
    public sealed override Task<StepResult> RunAsync(Frame frame, Step step, StepRef at) => RunAsync(frame, (T)step, at);

    /// <summary>Does the step and says where it leads.</summary>
    protected abstract Task<StepResult> RunAsync(Frame frame, T step, StepRef at);
}
