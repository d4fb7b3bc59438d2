using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Gathers the outputs of branches into an object, and of items into an array; by a call where the result is large.</summary>
internal static class Gathering
{
    /// <summary>The output of a branch that declares none.</summary>
    public static RunValue Null { get; } = RunValues.Inline(JsonElement.Parse("null"u8));

    /// <summary>The executor for what is not at hand, or too large.</summary>
    public static EvaluateExecutor Executor { get; } = new(EvaluateExecutor.Gather, execution => Gather(execution.Step, execution.Scope));

    public static Task<CallAnswer> ObjectAsync(Frame frame, Step step, StepRef at, IEnumerable<KeyValuePair<string, RunValue>> parts)
    {
        var scope = new ScopeValues { Started = frame.Turn.Start.Started, Steps = parts.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        return frame.EvaluateAsync(at with { Path = at.Path + ".$gather" }, step.Id, EvaluateExecutor.Gather, scope, names => Gather(step, names));
    }

    public static Task<CallAnswer> ArrayAsync(Frame frame, Step step, StepRef at, IEnumerable<RunValue> parts) => ObjectAsync(
        frame, step, at, parts.Select((part, i) => KeyValuePair.Create(i.ToString("D6", CultureInfo.InvariantCulture), part)));

    private static JsonElement Gather(Step step, IExpressionScope scope)
    {
        scope.TryResolve("steps", out var steps);
        var parts = steps.AsMap();
        var values = parts.Keys.Select(key => KeyValuePair.Create(key.AsString(), Output(parts, key))).OrderBy(part => part.Key, StringComparer.Ordinal);
        return step is ForEachStep
            ? JsonSerializer.SerializeToElement(values.Select(part => part.Value).ToArray(), StepJson.Default.JsonElementArray)
            : JsonSerializer.SerializeToElement(
                new SortedDictionary<string, JsonElement>(values.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
                StepJson.Default.SortedDictionaryStringJsonElement);
    }

    private static JsonElement Output(CelMap parts, CelValue key)
    {
        parts.TryGet(key, out var step);
        step.AsMap().TryGet("output", out var output);
        return output.ToJsonElement();
    }
}
