using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Api.People;

/// <summary>A vote.</summary>
public sealed record DecideBody
{
    /// <summary><c>approved</c> or <c>rejected</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>The <c>shownHash</c> of what was looked at: the vote is bound to it.</summary>
    public required string Shown { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether to decide although another person has claimed the approval; default false.</summary>
    public bool TakeOver { get; init; }
}

/// <summary>Claims an approval.</summary>
/// <param name="TakeOver">Whether to take over the claim of another person; default false.</param>
public sealed record ClaimBody(bool TakeOver = false);

/// <summary>Moves the caller's vote to another person.</summary>
/// <param name="To">The user id of the other person.</param>
public sealed record DelegateBody(string To);

/// <summary>A question or an answer.</summary>
/// <param name="Text">What is said.</param>
public sealed record MessageBody(string Text);

/// <summary>What a person sends through a link: a vote, or a form.</summary>
public sealed record TaskBody
{
    /// <summary>The link's token, where it is not in the header.</summary>
    public string? Token { get; init; }

    /// <summary><c>approved</c> or <c>rejected</c>, for an approval.</summary>
    public string? Decision { get; init; }

    /// <summary>The <c>shownHash</c> of what was looked at, for an approval.</summary>
    public string? Shown { get; init; }

    /// <summary>Why, for an approval.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether to decide although another person has claimed the approval; default false.</summary>
    public bool TakeOver { get; init; }

    /// <summary>The form's data, for a form.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>A filled-in form.</summary>
/// <param name="Data">What was filled in.</param>
public sealed record FormBody(JsonElement Data);

/// <summary>Asks for a link.</summary>
/// <param name="Addressee">The opaque id of the person that it is for.</param>
public sealed record LinkBody(string Addressee);

/// <summary>A link by which one person acts on one wait.</summary>
/// <param name="Token">The token; it belongs in a URL's fragment, a header or a body, never in a path or query. Left out where the request is repeated.</param>
/// <param name="Path">The path, with the token in its fragment. Left out where the request is repeated.</param>
/// <param name="Expires">When it is good no more.</param>
public sealed record LinkView(string? Token, string? Path, DateTimeOffset Expires);

/// <summary>A wait as people see it.</summary>
public sealed record WaitView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>The workflow.</summary>
    public required string Workflow { get; init; }

    /// <summary>The step.</summary>
    public required string Step { get; init; }

    /// <summary>What it waits for.</summary>
    public required WaitKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public required WaitState State { get; init; }

    /// <summary>Who asked for the run.</summary>
    public required string Requester { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset Opened { get; init; }

    /// <summary>When it expires.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Who may act.</summary>
    public WaitAudience? Audience { get; init; }

    /// <summary>Who may act as well once it is escalated.</summary>
    public WaitAudience? EscalateTo { get; init; }

    /// <summary>When it is escalated, or was.</summary>
    public DateTimeOffset? Escalates { get; init; }

    /// <summary>How many approving votes it takes.</summary>
    public int Quorum { get; init; }

    /// <summary>The votes so far.</summary>
    public ImmutableArray<Vote> Votes { get; init; } = [];

    /// <summary>The votes that moved to other persons; left out where none did.</summary>
    public ImmutableArray<HandedVote>? Handed { get; init; }

    /// <summary>Who claimed it.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>Why it cannot be decided as things are, such as fewer approvers than approvals needed; left out in lists.</summary>
    public string? Warning { get; init; }

    /// <summary>How many messages were sent about it.</summary>
    public int MessageCount { get; init; }

    /// <summary>Whether the last message is a question that the caller, who started the run, has not answered.</summary>
    public bool Question { get; init; }

    /// <summary>The messages about it, in order; left out in lists and where there is none.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>What people are shown.</summary>
    public JsonElement? Shown { get; init; }

    /// <summary>The keys of profiles that the run was started with other values for; left out if there are none.</summary>
    public IReadOnlyList<ProfileOverride>? Overrides { get; init; }

    /// <summary>The hash of what people are shown; a vote names it.</summary>
    public string? ShownHash { get; init; }

    /// <summary>The event that is waited for.</summary>
    public string? Event { get; init; }

    /// <summary>The JSON Schema of what can be submitted.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>What came of it.</summary>
    public JsonElement? Value { get; init; }
}

/// <summary>A page of waits.</summary>
/// <param name="Items">The waits.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record WaitPage(IReadOnlyList<WaitView> Items, string? Cursor);

/// <summary>Makes views of waits.</summary>
internal static class WaitViews
{
    public static async Task<WaitView> ViewAsync(this ApiServices services, string tenant, WaitRow wait, CancellationToken cancellationToken)
    {
        var values = services.Core.Values;
        var definition = await services.Core.Workflows.LoadAsync(tenant, wait.Definition, cancellationToken);
        return new WaitView
        {
            Id = wait.Id,
            Run = wait.Run,
            Workflow = wait.Workflow,
            Step = wait.StepId,
            Kind = wait.Kind,
            State = wait.State,
            Requester = wait.Requester,
            Opened = wait.Opened,
            Deadline = wait.Deadline,
            Audience = wait.Audience,
            EscalateTo = wait.EscalateTo,
            Escalates = wait.Escalate,
            Quorum = wait.Quorum,
            Votes = wait.Votes,
            Handed = wait.Handed,
            ClaimedBy = wait.ClaimedBy,
            MessageCount = wait.Messages,
            Shown = wait.Shown is null ? null : await values.LoadAsync(tenant, wait.Shown, cancellationToken),
            Overrides = wait.Overrides is null ? null : await services.Core.Drafts.OverridesAsync(tenant, wait.Overrides, cancellationToken),
            ShownHash = wait.Shown?.Hash,
            Event = wait.Event,
            Schema = wait.Kind is WaitKind.Approval ? null : definition.FindSchema(wait.StepId)?.Document,
            Value = wait.Value is null ? null : await values.LoadAsync(tenant, wait.Value, cancellationToken),
        };
    }

    /// <summary>The view of one wait, with its messages and a warning where it cannot be decided as things are.</summary>
    public static async Task<WaitView> DetailsAsync(this ApiServices services, string tenant, WaitRow wait, CancellationToken cancellationToken)
    {
        var view = await services.ViewAsync(tenant, wait, cancellationToken);
        return view with
        {
            Messages = wait.Messages == 0 ? null : await services.Chat.ReadAsync(tenant, wait, cancellationToken),
            Warning = wait is { IsOpen: true, Kind: WaitKind.Approval } && await services.Waits.CountVotersAsync(tenant, wait, cancellationToken) is var voters && voters < wait.Quorum
                ? $"{wait.Quorum} people must approve, but only {voters} may now."
                : null,
        };
    }
}
