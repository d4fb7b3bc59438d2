using System.Text.Json;
using Countersign.Expressions;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Goes one of two ways.</summary>
internal sealed class ConditionalControl : StepControl<ConditionalStep>
{
    /// <summary>The executor for values that are not at hand.</summary>
    public static EvaluateExecutor Executor { get; } = new("conditional", execution => Evaluate((ConditionalStep)execution.Step, execution.Scope));

    protected override async Task<StepResult> RunAsync(Frame frame, ConditionalStep step, StepRef at)
    {
        var answer = await frame.EvaluateAsync(at, step.Id, step.Kind, frame.Scope(step), scope => Evaluate(step, scope));
        if (answer.Error is { } error)
        {
            return StepResult.Fail(error);
        }

        var holds = answer.Value!.Inline!.Value.GetBoolean();
        var next = (holds ? step.Then : step.Else) ?? step.Next;
        frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
            .Add("holds", holds).Add("kind", step.Kind).Add("next", next).Add("step", step.Id).Add("visit", at.Visit));
        return StepResult.Go(next, answer.Value);
    }

    private static JsonElement Evaluate(ConditionalStep step, IExpressionScope scope) => Conditions.Evaluate(step.When, scope);
}
