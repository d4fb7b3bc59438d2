using System.Collections.Immutable;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>Somebody tried to do with a wait what cannot be done; nothing was changed.</summary>
/// <param name="code">The stable code, with a page in <c>docs/errors</c>.</param>
/// <param name="status">The HTTP status that fits.</param>
/// <param name="message">What rule stood against it.</param>
/// <param name="errors">The fields that are wrong, where fields are.</param>
public sealed class WaitRefusedException(string code, int status, string message, ImmutableArray<FieldError> errors = default) : Exception(message)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status that fits.</summary>
    public int Status { get; } = status;

    /// <summary>The fields that are wrong, where fields are.</summary>
    public ImmutableArray<FieldError> Errors { get; } = errors.IsDefault ? [] : errors;

    /// <summary>After how many seconds the same request may succeed; null where it will not.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Whether the log keeps the attempt: a rule about who may act, and on what, stood against it. A form that is filled in wrongly is no such attempt.</summary>
    public bool IsRecorded { get; init; } = status == 403;

    internal static WaitRefusedException NotFound(string id) => new("wait.not-found", 404, $"There is no open task or approval '{id}'.");

    internal static WaitRefusedException Closed(WaitRow wait) =>
        new("wait.closed", 409, $"This was {wait.State.ToString().ToLowerInvariant()} already; it can be acted on no more.");

    internal static WaitRefusedException Overdue(WaitRow wait) =>
        new("wait.closed", 409, $"Its deadline ({wait.Deadline:yyyy-MM-dd'T'HH:mm:ss'Z'}) has passed; it can be acted on no more.");

    internal static WaitRefusedException NotYours() =>
        new("wait.not-yours", 403, "You may not act on this: the step asks neither for your role nor for you by name.");

    internal static WaitRefusedException OwnRequest() =>
        new("wait.own-request", 403, "You started this run. The person who started a run cannot decide on it.");

    internal static WaitRefusedException OfRequester(string pointer, string person) => new(
        "wait.requester-cannot-act", 422, $"'{person}' started this run. The person who started a run cannot decide on it.",
        [new FieldError(pointer, $"must not be the person who started the run ('{person}')")]) { IsRecorded = true };

    internal static WaitRefusedException HandedOn(WaitRow wait, string user) =>
        new("wait.handed-on", 403, $"You handed your vote on to '{wait.Handed!.Value.Last(vote => vote.From == user).To}'. Only that person can use it now.");

    internal static WaitRefusedException Claimed(WaitRow wait) => new(
        "wait.claimed", 409, $"'{wait.ClaimedBy}' has claimed this. Send \"takeOver\": true to act all the same; the log says so.",
        [new FieldError("/takeOver", $"must be true, because '{wait.ClaimedBy}' has claimed this")]) { IsRecorded = true };

    internal static WaitRefusedException Unknown(string pointer, string person) => new(
        "wait.person-unknown", 422, $"'{person}' has no key whose role may act on approvals.",
        [new FieldError(pointer, $"must be a person with a key whose role may act on approvals (got: '{person}')")]) { IsRecorded = true };

    internal static WaitRefusedException CannotReceiveVote(string person, string why) =>
        new("wait.delegate-invalid", 422, $"The vote cannot move to '{person}': {why}.", [new FieldError("/to", why)]) { IsRecorded = true };

    internal static WaitRefusedException VotedAlready() =>
        new("wait.voted-already", 409, "You have voted on this already; a vote counts once.") { IsRecorded = true };

    internal static WaitRefusedException ReasonMissing() =>
        new("wait.reason-required", 422, "This decision needs a reason.", [new FieldError("/reason", "is required here")]);

    internal static WaitRefusedException PayloadChanged() => new(
        "wait.payload-changed", 409, "What you decided on is not what is to be decided: it has changed since you saw it. Look at it again.",
        [new FieldError("/shown", "is not the hash of what is shown now")]);
}
