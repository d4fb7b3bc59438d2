using System.Text.Json;
using Countersign.Expressions;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Goes the way of the first case that holds.</summary>
internal sealed class SwitchControl : StepControl<SwitchStep>
{
    /// <summary>The executor for values that are not at hand.</summary>
    public static EvaluateExecutor Executor { get; } = new("switch", execution => Evaluate((SwitchStep)execution.Step, execution.Scope));

    protected override async Task<StepResult> RunAsync(Frame frame, SwitchStep step, StepRef at)
    {
        var answer = await frame.EvaluateAsync(at, step.Id, step.Kind, frame.Scope(step), scope => Evaluate(step, scope));
        if (answer.Error is { } error)
        {
            return StepResult.Fail(error);
        }

        var chosen = answer.Value!.Inline!.Value.GetInt32();
        var next = chosen >= 0 ? step.Cases[chosen].Goto : step.Default ?? step.Next;
        frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
            .Add("case", chosen).Add("kind", step.Kind).Add("next", next).Add("step", step.Id).Add("visit", at.Visit));
        return StepResult.Go(next, answer.Value);
    }

    // The index of the first case that holds, -1 where none does.
    private static JsonElement Evaluate(SwitchStep step, IExpressionScope scope)
    {
        for (var i = 0; i < step.Cases.Length; i++)
        {
            if (Conditions.Evaluate(step.Cases[i].When, scope).ValueKind is JsonValueKind.True)
            {
                return JsonSerializer.SerializeToElement(i, StepJson.Default.Int32);
            }
        }

        return JsonSerializer.SerializeToElement(-1, StepJson.Default.Int32);
    }
}
