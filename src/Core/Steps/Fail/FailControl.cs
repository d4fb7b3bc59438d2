using System.Text.Json;
using Countersign.Expressions;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Ends in the error that the definition names.</summary>
internal sealed class FailControl : StepControl<FailStep>
{
    // An error travels in rows and answers, which hold no large values.
    private const int LongestDetail = 2_000;

    /// <summary>The executor for values that are not at hand.</summary>
    public static EvaluateExecutor Executor { get; } = new(
        "fail", execution => JsonSerializer.SerializeToElement(Text(((FailStep)execution.Step).Detail!.Render(execution.Scope)), StepJson.Default.String));

    protected override async Task<StepResult> RunAsync(Frame frame, FailStep step, StepRef at)
    {
        string? detail = null;
        if (step.Detail is { } template)
        {
            var answer = await frame.EvaluateAsync(at, step.Id, step.Kind, frame.Scope(step), template.Render);
            detail = answer.Error?.Detail ?? (answer.Value?.Inline is { } rendered ? Text(rendered) : null);
        }

        var error = new StepError
        {
            Type = step.Error,
            Title = step.Title ?? "The workflow ended in an error",
            Detail = detail,
            Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
        };
        frame.Record(at, EventTypes.StepFailed, "outcome", new LogPayload()
            .Add("error", StepEntries.Facts(error)).Add("kind", step.Kind).Add("step", step.Id).Add("visit", at.Visit));
        return StepResult.Fail(error);
    }

    private static string Text(JsonElement detail)
    {
        var text = detail.ValueKind is JsonValueKind.String ? detail.GetString()! : detail.GetRawText();
        return text.Length <= LongestDetail ? text : text[..(char.IsHighSurrogate(text[LongestDetail - 2]) ? LongestDetail - 2 : LongestDetail - 1)] + "…";
    }
}
