using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Conditions answer true or false and nothing else.</summary>
internal static class Conditions
{
    /// <exception cref="StepFailedException">The condition's value is not a truth value: <c>step.condition-not-boolean</c>.</exception>
    public static JsonElement Evaluate(Template condition, IExpressionScope scope)
    {
        var value = condition.Render(scope);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value : throw new StepFailedException(new StepError
        {
            Type = "step.condition-not-boolean",
            Title = "A condition is neither true nor false",
            Detail = $"The condition {condition.Source} came to a {value.ValueKind} value.",
        });
    }
}
