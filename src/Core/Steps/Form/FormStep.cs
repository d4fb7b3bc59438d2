using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Waits until a person fills in a form. Its output is the object they submitted.</summary>
public sealed record FormStep : Step
{
    /// <summary>Time a form waits where <c>expires</c> is not given: 7 days.</summary>
    public static readonly TimeSpan DefaultExpires = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    public override string Kind => "form";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => Schema ?? SubmissionSchema;

    /// <inheritdoc/>
    public override JsonElement? SubmissionSchema => Schema is null ? FormSchema.Of(Fields) : null;

    /// <summary>Heading of the form; null for the step's id.</summary>
    public Template? Title { get; init; }

    /// <summary>The fields, in the order in which they are shown. Either these or <see cref="Schema"/>.</summary>
    public ImmutableArray<FormField> Fields { get; init; } = [];

    /// <summary>JSON Schema 2020-12 of the submitted object, where typed fields do not suffice.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Who may fill it in; null for whoever started the run.</summary>
    public Audience? Assignees { get; init; }

    /// <summary>Time until the form can no longer be submitted.</summary>
    public TimeSpan Expires { get; init; } = DefaultExpires;

    /// <summary>Time after which, and then at which intervals, the assignees are reminded; null for never.</summary>
    public TimeSpan? Remind { get; init; }

    /// <summary>Whom to ask in addition, and after which time.</summary>
    public Escalation? Escalate { get; init; }

    /// <summary>What happens when the form expires; default: fail with <c>timeout</c>. <c>reject</c> is not one of a form's.</summary>
    public TimeoutAction OnTimeout { get; init; } = TimeoutAction.Fail;

    /// <inheritdoc/>
    public override string? TimeoutExit => OnTimeout.Step;

    /// <inheritdoc/>
    public override ImmutableArray<string> Exits => TimeoutExit is null ? [] : [TimeoutExit];
}
