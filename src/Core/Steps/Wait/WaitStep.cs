using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Waits for a length of time, until a moment, or for an event: exactly one of the three. Its output is null, or the event's data.</summary>
public sealed record WaitStep : Step
{
    /// <summary>The longest wait: 366 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <inheritdoc/>
    public override string Kind => "wait";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => Event is null ? KnownSchemas.Null : Event.Schema;

    /// <summary>How long: a text such as <c>90s</c>, or a template that yields one or a number of seconds. Up to <see cref="Longest"/>.</summary>
    public Template? For { get; init; }

    /// <summary>Until when: a template that yields an RFC 3339 time. A time that has passed does not wait; one beyond <see cref="Longest"/> fails.</summary>
    public Template? Until { get; init; }

    /// <summary>The event to wait for.</summary>
    public WaitEvent? Event { get; init; }

    /// <inheritdoc/>
    public override string? TimeoutExit => Event?.OnTimeout.Step;

    /// <inheritdoc/>
    public override ImmutableArray<string> Exits => TimeoutExit is null ? [] : [TimeoutExit];
}

/// <summary>An event that a run waits for.</summary>
public sealed record WaitEvent
{
    /// <summary>Time an event is waited for where <c>timeout</c> is not given: 7 days.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromDays(7);

    /// <summary>Name of the event; 1 to 128 characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>Time until it is no longer waited for.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>JSON Schema 2020-12 of the event's data, checked where the event arrives; null for any data.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>What happens when no event came; default: fail with <c>timeout</c>. <c>reject</c> is not one of a wait's.</summary>
    public TimeoutAction OnTimeout { get; init; } = TimeoutAction.Fail;
}
