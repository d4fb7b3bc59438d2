using Countersign.Canonical;
using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Steps;

/// <summary>
/// Executes <c>emit</c>: one entry with the event's name, the hash and the length of its data. The data itself is the step's output
/// and, as every output, no part of the log.
/// </summary>
public sealed class EmitExecutor : IStepExecutor
{
    /// <inheritdoc/>
    public string Kind => "emit";

    /// <inheritdoc/>
    public bool HasOutsideEffects => false;

    /// <inheritdoc/>
    public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
    {
        var step = (EmitStep)execution.Step;
        var data = (step.Data ?? Template.Null).Render(execution.Scope);
        var (hash, length) = CanonicalJson.HashOf(data);
        var payload = new LogPayload()
            .Add("bytes", length)
            .Add("data", hash.ToString())
            .Add("event", step.Event);
        return new(ExecutorResult.Done(data) with { Entries = [new ExecutorEntry(step.Event, null, payload)] });
    }
}
