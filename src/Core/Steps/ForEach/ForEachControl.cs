using System.Globalization;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Runs a block for every item, so many at a time; its output has each item's output, in the order of the items.</summary>
internal sealed class ForEachControl : StepControl<ForEachStep>
{
    /// <summary>The executor for items that are not at hand.</summary>
    public static EvaluateExecutor Executor { get; } = new("foreach", execution => Items((ForEachStep)execution.Step, execution.Scope));

    protected override async Task<StepResult> RunAsync(Frame frame, ForEachStep step, StepRef at)
    {
        var listed = await frame.EvaluateAsync(
            at with { Path = at.Path + ".$items" }, step.Id, step.Kind, frame.Scope(step.Items), scope => Items(step, scope));
        if (listed.Error is { } invalid)
        {
            return StepResult.Fail(invalid);
        }

        await frame.FlushAsync();
        var count = RunValues.CountOf(listed.Value!);
        if (frame.Turn.CountItems(count, step.MaxItems) is { } allowed)
        {
            return StepResult.Fail(TooMany(frame, step, at, allowed));
        }

        var fan = new FanOut(frame, step, at, step.OnFailure);
        FanOut.Lane Open(int i) => new(frame.Inside(at, i.ToString(CultureInfo.InvariantCulture), fan.Stop, RunValues.ElementOf(listed.Value!, i), i), step.Body);
        if (await fan.RunAsync(count, Open, step.Concurrency) is { } error)
        {
            return StepResult.Fail(error);
        }

        var answer = await Gathering.ArrayAsync(frame, step, at, fan.Outputs);
        if (answer.Error is null)
        {
            frame.Record(at, EventTypes.StepCompleted, "outcome", new LogPayload()
                .Add("items", count).Add("kind", step.Kind).Add("output", answer.Value?.Hash).Add("step", step.Id).Add("visit", at.Visit));
        }

        return answer.Error is { } failed ? StepResult.Fail(failed) : StepResult.Go(step.Next, answer.Value);
    }

    private static StepError TooMany(Frame frame, ForEachStep step, StepRef at, int allowed)
    {
        var error = new StepError
        {
            Type = "run.too-many-items",
            Title = "The run has more items than it may",
            Detail = $"With the items of step '{step.Id}' the run has {frame.Turn.Items}; limits.items allows {allowed}.",
            Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
        };
        frame.Record(at, EventTypes.StepFailed, "outcome", new LogPayload()
            .Add("error", StepEntries.Facts(error)).Add("kind", step.Kind).Add("step", step.Id).Add("visit", at.Visit));
        return error;
    }

    private static JsonElement Items(ForEachStep step, IExpressionScope scope)
    {
        var items = step.Items.Render(scope);
        if (items.ValueKind is not JsonValueKind.Array)
        {
            throw new StepFailedException(Invalid($"'items' came to {items.ValueKind}, where a list is wanted."));
        }

        return items.GetArrayLength() <= step.MaxItems
            ? items
            : throw new StepFailedException(Invalid($"There are {items.GetArrayLength()} items; max_items allows {step.MaxItems}."));
    }

    private static StepError Invalid(string detail) => new() { Type = "foreach.items-invalid", Title = "The items cannot be iterated over", Detail = detail };
}
