using System.Collections.Immutable;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>How a kind of step waits: what its wait row holds, and what its entries are called.</summary>
public interface IWaitKind
{
    /// <summary>The step kind.</summary>
    string Kind { get; }

    /// <summary>Renders the step into what its wait row shall hold.</summary>
    /// <exception cref="StepFailedException">The step cannot wait like this: an audience without anybody, a time that is none.</exception>
    WaitTerms Render(StepExecution execution, DateTimeOffset now);
}

/// <summary>What a wait row shall hold.</summary>
public sealed record WaitTerms
{
    /// <summary>What it waits for.</summary>
    public required WaitKind Kind { get; init; }

    /// <summary>When it expires or elapses.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When people are reminded.</summary>
    public DateTimeOffset? Remind { get; init; }

    /// <summary>When it is escalated.</summary>
    public DateTimeOffset? Escalate { get; init; }

    /// <summary>To whom it is escalated.</summary>
    public WaitAudience? EscalateTo { get; init; }

    /// <summary>Who may act.</summary>
    public WaitAudience? Audience { get; init; }

    /// <summary>What must hold for the computed ones among those who may act.</summary>
    public System.Collections.Immutable.ImmutableArray<Steps.AudienceClaim> Claims { get; init; } = [];

    /// <summary>How many approving votes it takes.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>Whether the requester may act.</summary>
    public bool AllowRequester { get; init; }

    /// <summary>Whether it may be handed on.</summary>
    public bool MayDelegate { get; init; }

    /// <summary>Whether a decision needs a reason.</summary>
    public bool ReasonRequired { get; init; }

    /// <summary>What people are shown.</summary>
    public System.Text.Json.JsonElement? Shown { get; init; }

    /// <summary>The name of the event.</summary>
    public string? Event { get; init; }

    /// <summary>The lock.</summary>
    public WaitLock? Lock { get; init; }
}
