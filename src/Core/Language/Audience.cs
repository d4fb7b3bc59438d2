using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>People a step turns to. A person belongs to it who has the role or is named.</summary>
public sealed record Audience
{
    /// <summary>Nobody.</summary>
    public static readonly Audience Nobody = new();

    /// <summary>A role of the tenant, such as <c>approver</c>; null where only named people are meant.</summary>
    public string? Role { get; init; }

    /// <summary>User ids. Each may be a template over the input and the static and profile context, never over what a step produced: a model must not choose who decides.</summary>
    public ImmutableArray<Template> Users { get; init; } = [];

    /// <summary>The people that computed users must be among when the step begins to wait. Required if a user is computed from more than <c>context.static</c>; null if none is.</summary>
    public AudienceBounds? Within { get; init; }
}

/// <summary>The people that a computed audience must be among.</summary>
public sealed record AudienceBounds
{
    /// <summary>Nobody.</summary>
    public static readonly AudienceBounds Nobody = new();

    /// <summary>User ids.</summary>
    public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>Roles of the tenant: people who hold a key with one of them.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];
}

/// <summary>Turning to further people when nobody has acted.</summary>
/// <param name="After">Time since the step began to wait.</param>
/// <param name="To">Who is asked in addition.</param>
public sealed record Escalation(TimeSpan After, Audience To);

/// <summary>What happens when a wait for people or an event has run out.</summary>
public enum TimeoutActionKind
{
    /// <summary>The step fails with error type <c>timeout</c>.</summary>
    Fail,

    /// <summary>The approval counts as rejected. It is never silently approved.</summary>
    Reject,

    /// <summary>The run goes on with another step.</summary>
    Goto,
}

/// <summary>What happens when a wait has run out, and where to go then.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Step">The step to go on with; null unless the kind is <see cref="TimeoutActionKind.Goto"/>.</param>
public sealed record TimeoutAction(TimeoutActionKind Kind, string? Step = null)
{
    /// <summary>Fail with error type <c>timeout</c>.</summary>
    public static readonly TimeoutAction Fail = new(TimeoutActionKind.Fail);

    /// <summary>Count as rejected.</summary>
    public static readonly TimeoutAction Reject = new(TimeoutActionKind.Reject);

    /// <summary>Go on with a step of the same block.</summary>
    public static TimeoutAction Goto(string step) => new(TimeoutActionKind.Goto, step);
}
