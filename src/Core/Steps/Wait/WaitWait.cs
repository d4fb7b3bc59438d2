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
        return value.ValueKind switch
        {
            JsonValueKind.String when Duration.TryParse(value.GetString()!, out var period) => period,
            JsonValueKind.Number when value.GetDouble() is >= 0 and var seconds && seconds <= WaitStep.Longest.TotalSeconds => TimeSpan.FromSeconds(seconds),
            _ => throw Invalid(
                $"'for' is {value.GetRawText()}; it must be a duration such as 90s, 10m or 48h, or a number of seconds from 0 to {WaitStep.Longest.TotalSeconds:0}."),
        };
    }

    private static DateTimeOffset Moment(Template template, IExpressionScope scope)
    {
        var value = template.Render(scope);
        return value.ValueKind is JsonValueKind.String && Timestamp.TryParse(value.GetString()!, out var moment)
            ? moment.ToUniversalTime()
            : throw Invalid($"'until' is {value.GetRawText()}; it must be an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z.");
    }

    private static StepFailedException Invalid(string detail) =>
        new(new StepError { Type = "wait.time-invalid", Title = "The time to wait for is not one", Detail = detail });
}
