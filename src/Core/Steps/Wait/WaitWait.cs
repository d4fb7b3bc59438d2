using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>What the wait row of a time or an event holds.</summary>
public sealed class WaitWait : IWaitKind
{
    /// <inheritdoc/>
    public string Kind => "wait";

    /// <inheritdoc/>
    public WaitTerms Render(StepExecution execution, DateTimeOffset now)
    {
        var step = (WaitStep)execution.Step;
        if (step.Event is { } awaited)
        {
            return new WaitTerms { Kind = WaitKind.Event, Deadline = now + awaited.Timeout, Event = awaited.Name };
        }

        var until = step.For is { } period ? now + Period(period, execution.Scope) : Moment(step.Until!, execution.Scope);
        return until <= now + WaitStep.Longest
            ? new WaitTerms { Kind = WaitKind.Time, Deadline = until }
            : throw Invalid($"The wait would end at {until:O}, later than {WaitStep.Longest.TotalDays:0} days from now.");
    }

    private static TimeSpan Period(Template template, IExpressionScope scope)
    {
        var value = template.Render(scope);
        return value.ValueKind is JsonValueKind.String && Duration.TryParse(value.GetString()!, out var period)
            ? period
            : throw Invalid($"'for' came to {value.GetRawText()}, which is no duration such as 90s, 10m or 48h.");
    }

    private static DateTimeOffset Moment(Template template, IExpressionScope scope)
    {
        var value = template.Render(scope);
        return value.ValueKind is JsonValueKind.String && value.TryGetDateTimeOffset(out var moment)
            ? moment.ToUniversalTime()
            : throw Invalid($"'until' came to {value.GetRawText()}, which is no RFC 3339 time such as 2026-01-31T12:00:00Z.");
    }

    private static StepFailedException Invalid(string detail) =>
        new(new StepError { Type = "wait.time-invalid", Title = "The time to wait for is not one", Detail = detail });
}
