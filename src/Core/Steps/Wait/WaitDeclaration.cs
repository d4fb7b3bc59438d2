using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="WaitStep"/>.</summary>
internal static class WaitDeclaration
{
    private static readonly ObjectType<WaitEvent> EventType = new("awaited event", () => new Shape<WaitEvent>(() => new WaitEvent())
        .Required("name", TextType.Label, e => e.Name, (e, v) => e with { Name = v }, "Name of the event.")
        .Default("timeout", DurationType.Wait, WaitEvent.DefaultTimeout, e => e.Timeout, (e, v) => e with { Timeout = v }, "Time until it is no longer waited for.")
        .OptionalValue("schema", SchemaType.Instance, e => e.Schema, (e, v) => e with { Schema = v }, "JSON Schema of the event's data.")
        .Default("on_timeout", TimeoutActionType.OfWait, TimeoutAction.Fail, e => e.OnTimeout, (e, v) => e with { OnTimeout = v }, "What happens when it did not come."));

    public static StepKind Kind { get; } = new StepKind<WaitStep>(
        "wait",
        "Waits for a length of time, until a moment, or for an event.",
        StepTraits.Waits,
        () => new WaitStep(),
        shape => shape
            .Optional("for", TemplateType.Text, s => s.For, (s, v) => s with { For = v }, "How long: a duration up to 366d, or a template that yields one or a number of seconds.")
            .Optional("until", TemplateType.Text, s => s.Until, (s, v) => s with { Until = v }, "Until when: an RFC 3339 time, or a template that yields one. A time that has passed does not wait.")
            .Optional("event", EventType, s => s.Event, (s, v) => s with { Event = v }, "The event to wait for.")
            .Rule(Check)
            .Constrain(schema => Constraints.ExactlyOne(schema, "for", "until", "event")));

    private static void Check(WaitStep step, Node node, ReadContext context)
    {
        Constraints.RequireExactlyOne(node, context, "for", "until", "event");
        if (step.For is { IsConstant: true } length
            && (!Duration.TryParse(length.Source.GetString(), out TimeSpan duration) || duration > WaitStep.Longest))
        {
            context.Problems.Error(ProblemCodes.BadDuration, node.Find("for")!, $"'{length.Source.GetString()}' is no duration up to {Duration.Format(WaitStep.Longest)}, such as 90s, 1h30m or 7d.");
        }

        if (step.Until is { IsConstant: true } moment && !Timestamp.IsRfc3339(moment.Source.GetString()!))
        {
            context.Problems.Error(ProblemCodes.BadValue, node.Find("until")!, $"'{moment.Source.GetString()}' is no time such as 2026-01-31T12:00:00Z.");
        }
    }
}
