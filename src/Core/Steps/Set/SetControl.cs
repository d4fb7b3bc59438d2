using System.Text.Json;
using Countersign.Expressions;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Writes <c>context.runtime</c>; costs nothing of its own where its values are small.</summary>
internal sealed class SetControl : StepControl<SetStep>
{
    /// <summary>The executor for values that are not at hand.</summary>
    public static EvaluateExecutor Executor { get; } = new("set", execution => Evaluate((SetStep)execution.Step, execution.Scope));

    protected override async Task<StepResult> RunAsync(Frame frame, SetStep step, StepRef at)
    {
        var answer = await frame.EvaluateAsync(at, step.Id, step.Kind, frame.Scope(step), scope => Evaluate(step, scope));
        if (answer.Error is { } error)
        {
            return StepResult.Fail(error);
        }

        if (answer.Value!.Inline is not { } written)
        {
            return StepResult.Fail(new()
            {
                Type = "set.too-large",
                Title = "The values are too large for context.runtime",
                Detail = $"The step writes {answer.Value.Length} bytes; {RunValue.InlineLimit} are allowed. Refer to the output of the step that has the value instead.",
            });
        }

        foreach (var property in written.EnumerateObject())
        {
            frame.Runtime = frame.Runtime.SetItem(property.Name, RunValues.Inline(property.Value));
        }

        frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
            .Add("kind", step.Kind).Add("output", answer.Value.Hash).Add("step", step.Id).Add("visit", at.Visit));
        return StepResult.Go(step.Next, answer.Value);
    }

    private static JsonElement Evaluate(SetStep step, IExpressionScope scope) => step.Values.Render(scope);
}
