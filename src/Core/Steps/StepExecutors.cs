using System.Collections.Frozen;

namespace Countersign.Steps;

/// <summary>The executors of a host, by step kind.</summary>
public sealed class StepExecutors(IEnumerable<IStepExecutor> executors)
{
    private readonly FrozenDictionary<string, IStepExecutor> byKind = executors.ToFrozenDictionary(executor => executor.Kind, StringComparer.Ordinal);

    /// <summary>The executor of a kind; one that fails with <c>step.no-executor</c> where the host has none.</summary>
    public IStepExecutor Find(string kind) => byKind.GetValueOrDefault(kind) ?? new Missing(kind);

    private sealed class Missing(string kind) : IStepExecutor
    {
        public string Kind => kind;

        public bool HasOutsideEffects => false;

        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken) => new(ExecutorResult.Failed(new()
        {
            Type = "step.no-executor",
            Title = "The host cannot execute this step",
            Detail = $"No executor for steps of kind '{kind}' is configured.",
        }));
    }
}
