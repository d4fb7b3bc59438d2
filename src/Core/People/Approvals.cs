using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>What approvers do with an approval: claim, vote, delegate.</summary>
public sealed class Approvals(Waits waits)
{
    /// <summary>The longest reason or message, in characters.</summary>
    public const int LongestText = 4000;

    /// <summary>Casts a vote. The vote that fills the quorum, or the first rejection, decides.</summary>
    /// <exception cref="WaitRefusedException">Not an approver, one's own request, a second vote, a payload other than shown, a missing reason, claimed by another person, or decided already.</exception>
    /// <remarks>A decision on a payload other than shown is kept in the log as voided before it is refused.</remarks>
    public async Task<WaitRow> DecideAsync(Principal approver, string id, Decision decision, CancellationToken cancellationToken = default)
    {
        var wait = await waits.ChangeAsync(approver, id, (wait, now) => new(Vote(wait, approver, decision, now)), cancellationToken);
        return decision.Shown == wait.Shown?.Hash ? wait : throw WaitRefusedException.PayloadChanged();
    }

    /// <summary>
    /// Claims an approval, so that others need not look at it. A claim over another person's is refused unless it takes over, which the log says. To claim
    /// what one has claimed changes nothing.
    /// </summary>
    /// <exception cref="WaitRefusedException">Not an approver, claimed by another person, or decided already.</exception>
    public Task<WaitRow> ClaimAsync(Principal approver, string id, bool takeOver = false, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(approver, id, (wait, _) =>
        {
            Demand(wait, approver);
            if (wait.ClaimedBy == approver.User)
            {
                return new(WaitChange.None(wait));
            }

            if (wait.ClaimedBy is not null && !takeOver)
            {
                throw WaitRefusedException.Claimed(wait);
            }

            var claimed = wait with { ClaimedBy = approver.User, State = wait.State is WaitState.Open ? WaitState.Claimed : wait.State };
            var facts = Step(wait).Add("from", wait.ClaimedBy).Add("via", approver.Via);
            return new(new WaitChange(claimed, WaitLog.Entry(claimed, EventTypes.ApprovalClaimed, Change(claimed), approver.User, facts.ToBytes())));
        }, cancellationToken);

    /// <summary>Moves one's vote to another person, by user id. One has none after that; the number of voters does not grow.</summary>
    /// <exception cref="WaitRefusedException">Not an approver, not to be delegated, voted or decided already, or to a person who cannot take the vote.</exception>
    public Task<WaitRow> DelegateAsync(Principal approver, string id, string to, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(approver, id, async (wait, _) =>
        {
            Demand(wait, approver);
            if (!wait.MayDelegate)
            {
                throw new WaitRefusedException("wait.not-delegable", 403, "The definition does not allow this vote to be handed on (delegate: false).");
            }

            if (wait.Votes.Any(vote => vote.User == approver.User))
            {
                throw WaitRefusedException.VotedAlready();
            }

            await CheckDelegateAsync(wait, approver, to, cancellationToken);
            var moved = Moved(wait, approver.User, to);
            if (await waits.CountVotersAsync(approver.Tenant, moved, cancellationToken) is var left && left < wait.Quorum)
            {
                throw WaitRefusedException.CannotReceiveVote(to, $"{left} people could vote after that, and {wait.Quorum} must approve");
            }

            var facts = Step(wait).Add("to", to).Add("via", approver.Via);
            return new WaitChange(moved, WaitLog.Entry(moved, EventTypes.ApprovalDelegated, Change(moved), approver.User, facts.ToBytes()));
        }, cancellationToken);

    private async ValueTask CheckDelegateAsync(WaitRow wait, Principal approver, string to, CancellationToken cancellationToken)
    {
        if (to == wait.Requester && !wait.AllowRequester)
        {
            throw WaitRefusedException.OfRequester("/to", to);
        }

        if (to == approver.User)
        {
            throw WaitRefusedException.CannotReceiveVote(to, "you have the vote already");
        }

        if (wait.Votes.Any(vote => vote.User == to))
        {
            throw WaitRefusedException.CannotReceiveVote(to, "that person has voted already, and a person votes once");
        }

        if (!await waits.MayActAsync(approver.Tenant, to, cancellationToken))
        {
            throw WaitRefusedException.Unknown("/to", to);
        }
    }

    private static WaitRow Moved(WaitRow wait, string from, string to)
    {
        var audience = wait.Audience!;
        var handed = (wait.Handed ?? []).RemoveAll(vote => vote.From == to).Add(new HandedVote(from, to));
        var isClaimant = wait.ClaimedBy == from;
        return wait with
        {
            Audience = audience with { Users = audience.Users.Contains(to) ? audience.Users : audience.Users.Add(to) },
            Handed = handed,
            ClaimedBy = isClaimant ? null : wait.ClaimedBy,
            State = isClaimant && wait.State is WaitState.Claimed ? WaitState.Open : wait.State,
        };
    }

    private static WaitChange Vote(WaitRow wait, Principal approver, Decision decision, DateTimeOffset now)
    {
        Demand(wait, approver);
        if (wait.Votes.Any(vote => vote.User == approver.User))
        {
            throw WaitRefusedException.VotedAlready();
        }

        // Where one vote decides, a claim keeps others from deciding by mistake. Where several must vote, others have to.
        if (wait is { Quorum: 1, ClaimedBy: { } claimant } && claimant != approver.User && !decision.TakeOver)
        {
            throw WaitRefusedException.Claimed(wait);
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

        if (decision.Approved)
        {
            Independence.Demand(wait, approver);
        }

        var vote = new Vote(approver.User, decision.Approved, decision.Reason, now) { MadeBy = Independence.MadeBy(wait, approver) };
        var voted = wait with { Votes = wait.Votes.Add(vote) };
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
        var payload = Step(voted).Add("decision", word).Add("shown", decision.Shown).Add("via", approver.Via).Add("votes", voted.Votes.Length).ToBytes();
        return new WaitChange(decided, vote, WaitLog.Entry(decided, EventTypes.ApprovalDecided, null, approver.User, payload));
    }

    private static string Change(WaitRow wait) => wait.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static LogPayload Ballot(WaitRow wait, Principal approver, Decision decision) => Step(wait)
        .Add("approved", decision.Approved)
        .Add("claimed_by", wait.ClaimedBy == approver.User ? null : wait.ClaimedBy)
        .Add("key_made_by", Independence.MadeBy(wait, approver) is { } makers ? string.Join(' ', makers) : null)
        .Add("reason", decision.Reason is null ? null : Redactor.Default.Redact(decision.Reason))
        .Add("shown", decision.Shown)
        .Add("via", approver.Via);

    private static LogPayload Step(WaitRow wait) => new LogPayload().Add("step", wait.StepId).Add("visit", wait.Visit);

    private static void Demand(WaitRow wait, Principal approver)
    {
        if (wait.Kind is not WaitKind.Approval)
        {
            throw new WaitRefusedException("wait.wrong-kind", 409, "This waits for a form or an event, not for an approval.");
        }

        Eligibility.Demand(wait, approver);
    }

    /// <summary>Refuses a reason or message that is empty or too long.</summary>
    internal static void CheckText(string pointer, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText)
        {
            throw new WaitRefusedException("wait.text-invalid", 422, $"The text must have 1 to {LongestText} characters.", [new FieldError(pointer, $"must have 1 to {LongestText} characters")]);
        }
    }
}
