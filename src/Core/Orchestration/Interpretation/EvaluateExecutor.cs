using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>
/// Evaluates in a call what the interpreter cannot evaluate by itself: expressions over values that are not inline, and results too
/// large to be. The same functions serve both.
/// </summary>
/// <param name="kind">The kind that it answers to.</param>
/// <param name="function">What it evaluates.</param>
public sealed class EvaluateExecutor(string kind, Func<StepExecution, JsonElement?> function) : IStepExecutor
{
    /// <summary>Commits pending entries and does nothing else.</summary>
    public const string Flush = "$flush";

    /// <summary>Renders the output of the run.</summary>
    public const string RunOutput = "$output";

    /// <summary>Renders the output of a block of a step.</summary>
    public const string BlockOutput = "$block";

    /// <summary>Gathers the outputs of branches or items.</summary>
    public const string Gather = "$gather";

    /// <inheritdoc/>
    public string Kind => kind;

    /// <inheritdoc/>
    public bool HasOutsideEffects => false;

    /// <summary>The executors of what belongs to no step kind.</summary>
    public static IEnumerable<IStepExecutor> OfTheInterpreter =>
    [
        new EvaluateExecutor(Flush, _ => null),
        new EvaluateExecutor(RunOutput, execution => execution.Definition.Body.Output!.Render(execution.Scope)),
        new EvaluateExecutor(BlockOutput, execution => BlockOf(execution).Output!.Render(execution.Scope)),
    ];

    /// <inheritdoc/>
    public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken) =>
        new(ExecutorResult.Done(function(execution)));

    /// <summary>Whether a kind is the interpreter's own, which leaves no entry of a step in the log.</summary>
    public static bool IsInternal(string kind) => kind.StartsWith('$');

    private static Block BlockOf(StepExecution execution) => Definition.AllSteps(execution.Definition.Body)
        .SelectMany(step => step.Blocks)
        .First(block => block.Start == execution.Step.Id);
}
