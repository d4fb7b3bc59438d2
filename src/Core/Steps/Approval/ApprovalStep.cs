using System.Text.Json;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Waits until people decide. Its output is <c>{decision: approved | rejected | timed_out, by, reason, votes: [{user, approved, reason, at}]}</c>. Nothing ever approves by itself.</summary>
public sealed record ApprovalStep : Step
{
    /// <summary>Time an approval waits where <c>expires</c> is not given: 7 days.</summary>
    public static readonly TimeSpan DefaultExpires = TimeSpan.FromDays(7);

    /// <summary>What approvers see where <c>show</c> is not given: the run's input.</summary>
    internal static readonly Template WholeInput = Template.FromExpression("input");

    private static readonly JsonElement DecisionSchema = KnownSchemas.Parse("""
        {"type":"object","additionalProperties":false,"properties":{"decision":{"enum":["approved","rejected","timed_out"]},
         "by":{"type":"string"},"reason":{"type":["string","null"]},
         "votes":{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{
          "user":{"type":"string"},"approved":{"type":"boolean"},"reason":{"type":["string","null"]},"at":{"type":"string"}}}}}}
        """);

    /// <inheritdoc/>
    public override string Kind => "approval";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => DecisionSchema;

    /// <summary>Who may decide. The person who started the run never may, whatever roles they have, unless <see cref="AllowRequester"/>.</summary>
    public Audience Approvers { get; init; } = Audience.Nobody;

    /// <summary>How many different people must approve; 1 to 100, default 1. One rejection rejects.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>What the approvers see. Their decision is bound to its hash. Null for the run's input.</summary>
    public Template? Show { get; init; }

    /// <summary>Time until no decision is taken any more.</summary>
    public TimeSpan Expires { get; init; } = DefaultExpires;

    /// <summary>Time after which, and then at which intervals, those who have not decided are reminded; null for never.</summary>
    public TimeSpan? Remind { get; init; }

    /// <summary>Whom to ask in addition, and after which time.</summary>
    public Escalation? Escalate { get; init; }

    /// <summary>Whether an approver may hand the decision to somebody else; default true.</summary>
    public bool Delegate { get; init; } = true;

    /// <summary>What happens when the approval expires; default: fail with <c>timeout</c>. There is no way to say "approve".</summary>
    public TimeoutAction OnTimeout { get; init; } = TimeoutAction.Fail;

    /// <summary>The step to go on with after a rejection; null fails the run with error type <c>rejected</c>.</summary>
    public string? OnReject { get; init; }

    /// <summary>Whether a decision must give a reason; default false.</summary>
    public bool ReasonRequired { get; init; }

    /// <summary>Switches separation of duties off, so that who started the run may decide as well; default false.</summary>
    public bool AllowRequester { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<string> UncertainExits =>
        [.. new[] { OnTimeout.Step, OnTimeout.Kind is TimeoutActionKind.Reject ? OnReject : null }.OfType<string>()];

    /// <inheritdoc/>
    public override ImmutableArray<string> Exits => [.. new[] { OnTimeout.Step, OnReject }.OfType<string>()];
}
