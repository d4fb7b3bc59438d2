using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>What approvers do with an approval: claim, vote, delegate, ask.</summary>
public sealed class Approvals(Waits waits)
{
    /// <summary>The longest reason or message, in characters.</summary>
    public const int LongestText = 4000;

    /// <summary>Casts a vote. The vote that fills the quorum, or the first rejection, decides.</summary>
    /// <exception cref="WaitRefusedException">Not an approver, one's own request, a second vote, a payload other than shown, a missing reason, or decided already.</exception>
    /// <remarks>A decision on a payload other than shown is kept in the log as voided before it is refused.</remarks>
    public async Task<WaitRow> DecideAsync(Principal approver, string id, Decision decision, CancellationToken cancellationToken = default)
    {
        var wait = await waits.ChangeAsync(approver, id, (wait, now) => new(Vote(wait, approver, decision, now)), cancellationToken);
        return decision.Shown == wait.Shown?.Hash ? wait : throw WaitRefusedException.PayloadChanged();
    }

    /// <summary>
    /// Says that one will see to it, so that others need not. Others may still decide, or take it over, which the log says. To claim what one has claimed changes
    /// nothing.
    /// </summary>
    /// <exception cref="WaitRefusedException">Not an approver, or decided already.</exception>
    public Task<WaitRow> ClaimAsync(Principal approver, string id, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(approver, id, (wait, _) =>
        {
            Demand(wait, approver);
            if (wait.ClaimedBy == approver.User)
            {
                return new(WaitChange.None(wait));
            }

            var claimed = wait with { ClaimedBy = approver.User, State = wait.State is WaitState.Open ? WaitState.Claimed : wait.State };
            return new(new WaitChange(claimed, WaitLog.Entry(claimed, EventTypes.ApprovalClaimed, Change(claimed), approver.User, Step(wait).Add("from", wait.ClaimedBy).ToBytes())));
        }, cancellationToken);

    /// <summary>Lets somebody else decide as well, by opaque user id.</summary>
    /// <exception cref="WaitRefusedException">Not an approver, not to be delegated, to the requester, to nobody who is known, or decided already.</exception>
    public Task<WaitRow> DelegateAsync(Principal approver, string id, string to, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(approver, id, async (wait, _) =>
        {
            Demand(wait, approver);
            if (!wait.MayDelegate)
            {
                throw new WaitRefusedException("wait.not-delegable", 403, "The definition does not let this be handed to somebody else.");
            }

            if (to == wait.Requester && !wait.AllowRequester)
            {
                throw WaitRefusedException.OwnRequest();
            }

            // A name that nobody has would be an approval that nobody can give, or one more vote for whoever gets a link made for it.
            if (!wait.Audience!.Users.Contains(to) && !await waits.IsKnownAsync(approver.Tenant, to, cancellationToken))
            {
                throw WaitRefusedException.Unknown("/to", to);
            }

            var audience = wait.Audience with { Users = wait.Audience.Users.Contains(to) ? wait.Audience.Users : wait.Audience.Users.Add(to) };
            var handed = wait with { Audience = audience };
            var entry = WaitLog.Entry(handed, EventTypes.ApprovalDelegated, Change(handed), approver.User, Step(wait).Add("to", to).ToBytes());
            return new WaitChange(handed, entry);
        }, cancellationToken);

    /// <summary>Asks or answers something about the approval; it stays in the run's history.</summary>
    /// <exception cref="WaitRefusedException">Neither an approver nor the requester, an empty or too long text, or decided already.</exception>
    public Task<WaitRow> SendMessageAsync(Principal person, string id, string text, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(person, id, (wait, _) =>
        {
            if (wait.Kind is not (WaitKind.Approval or WaitKind.Form))
            {
                throw new WaitRefusedException("wait.wrong-kind", 409, "This waits for an event or a time: there is nobody to ask.");
            }

            if (!Eligibility.IsAddressed(wait, person) && person.User != wait.Requester)
            {
                throw WaitRefusedException.NotYours();
            }

            CheckText("/text", text);
            var asked = wait with { Messages = wait.Messages + 1 };
            var payload = Step(wait).Add("number", asked.Messages).Add("text", Redactor.Default.Redact(text)).ToBytes();
            return new(new WaitChange(asked, WaitLog.Entry(asked, WaitLog.Message(asked.Kind), Change(asked), person.User, payload)));
        }, cancellationToken);

    private static WaitChange Vote(WaitRow wait, Principal approver, Decision decision, DateTimeOffset now)
    {
        Demand(wait, approver);
        if (wait.Votes.Any(vote => vote.User == approver.User))
        {
            throw WaitRefusedException.VotedAlready();
        }

        if (decision.Reason is { } given)
        {
            CheckText("/reason", given);
        }
        else if (wait.ReasonRequired)
        {
            throw WaitRefusedException.ReasonMissing();
        }

        if (decision.Shown != wait.Shown?.Hash)
        {
            return new WaitChange(wait, WaitLog.Entry(wait, EventTypes.ApprovalVoided, Change(wait), approver.User, Ballot(wait, approver, decision).Add("current", wait.Shown?.Hash).ToBytes()));
        }

        var voted = wait with { Votes = wait.Votes.Add(new Vote(approver.User, decision.Approved, decision.Reason, now)) };
        var entry = WaitLog.Entry(voted, EventTypes.ApprovalVoted, Change(voted), approver.User, Ballot(wait, approver, decision).ToBytes());
        var decides = !decision.Approved || voted.Votes.Count(vote => vote.Approved) >= wait.Quorum;
        return decides ? Decided(voted, approver, decision, entry, now) : new WaitChange(voted, entry);
    }

    private static WaitChange Decided(WaitRow voted, Principal approver, Decision decision, EntryDraft vote, DateTimeOffset now)
    {
        var word = decision.Approved ? "approved" : "rejected";
        var output = new ApprovalOutput(word, approver.User, decision.Reason, voted.Votes);
        var decided = voted with
        {
            State = decision.Approved ? WaitState.Decided : WaitState.Rejected,
            DecidedAt = now,
            Value = RunValues.Inline(JsonSerializer.SerializeToElement(output, PeopleJson.Default.ApprovalOutput)),
        };
        var payload = Step(voted).Add("decision", word).Add("shown", decision.Shown).Add("votes", voted.Votes.Length).ToBytes();
        return new WaitChange(decided, vote, WaitLog.Entry(decided, EventTypes.ApprovalDecided, null, approver.User, payload));
    }

    private static string Change(WaitRow wait) => wait.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static LogPayload Ballot(WaitRow wait, Principal approver, Decision decision) => Step(wait)
        .Add("approved", decision.Approved)
        .Add("reason", decision.Reason is null ? null : Redactor.Default.Redact(decision.Reason))
        .Add("shown", decision.Shown)
        .Add("via", approver.ByLink ? "link" : null);

    private static LogPayload Step(WaitRow wait) => new LogPayload().Add("step", wait.StepId).Add("visit", wait.Visit);

    private static void Demand(WaitRow wait, Principal approver)
    {
        if (wait.Kind is not WaitKind.Approval)
        {
            throw new WaitRefusedException("wait.wrong-kind", 409, "This waits for a form or an event, not for an approval.");
        }

        Eligibility.Demand(wait, approver);
    }

    private static void CheckText(string pointer, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText)
        {
            throw new WaitRefusedException("wait.text-invalid", 422, $"The text must have 1 to {LongestText} characters.", [new FieldError(pointer, $"must have 1 to {LongestText} characters")]);
        }
    }
}
