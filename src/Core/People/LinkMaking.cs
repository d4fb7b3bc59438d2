using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>
/// Makes links for people who do not sign in. Whoever holds a link is taken for its addressee, so a link is made only for somebody who could act,
/// never by the one whose request is to be approved, and who made it for whom is in the log.
/// </summary>
public sealed class LinkMaking(TaskLinks links, ILedger ledger)
{
    /// <summary>Makes the token of a link.</summary>
    /// <exception cref="WaitRefusedException">The wait is closed or not for people, its addressee could not act on it, or maker or addressee asked for the run that is to be approved.</exception>
    public async Task<string> MakeAsync(Principal maker, WaitRow wait, string addressee, CancellationToken cancellationToken = default)
    {
        var token = links.Make(maker.Tenant, wait, addressee);
        if (wait is { Kind: WaitKind.Approval, AllowRequester: false } && (maker.User == wait.Requester || addressee == wait.Requester))
        {
            throw maker.User == wait.Requester ? WaitRefusedException.OwnRequest() : WaitRefusedException.OfRequester("/addressee", addressee);
        }

        await DemandAsync(maker.Tenant, wait, addressee, cancellationToken);
        var payload = new LogPayload().Add("addressee", addressee).Add("expires", wait.Deadline).Add("step", wait.StepId).Add("visit", wait.Visit).ToBytes();
        var entry = WaitLog.Entry(wait, EventTypes.TaskLinkMade, $"{maker.User}>{addressee}", maker.User, payload);
        await ledger.CommitAsync(maker.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
        return token;
    }

    /// <summary>Writes into the log that a link was used for what it is not for, or too late: once for each link and rule.</summary>
    public async Task RecordRefusalAsync(TaskLink link, WaitRefusedException refused, CancellationToken cancellationToken = default)
    {
        var entry = new EntryDraft
        {
            EventId = EventId.Outside($"{link.Wait}>{link.Addressee}", $"{EventTypes.TaskLinkRefused}.{refused.Code}"),
            Type = EventTypes.TaskLinkRefused,
            Actor = link.Addressee,
            Payload = new LogPayload().Add("code", refused.Code).Add("expires", link.Expires).Add("wait", link.Wait).ToBytes(),
        };
        await ledger.CommitAsync(link.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
    }

    // Whoever holds the link is taken for its addressee, so a name that nobody has would be one more vote for whoever makes it.
    private async Task DemandAsync(string tenant, WaitRow wait, string addressee, CancellationToken cancellationToken)
    {
        WaitAudience?[] asked = [wait.Audience, wait.State is WaitState.Escalated ? wait.EscalateTo : null];
        var named = wait is { Kind: WaitKind.Form, Audience: { Role: null, Users: [] } } && addressee == wait.Requester;
        foreach (var audience in asked.OfType<WaitAudience>())
        {
            named = named
                || audience.Users.Contains(addressee)
                || (audience.Role is { } role && await ledger.ReadRowAsync(tenant, ApiKeys.PersonKey(addressee, role), cancellationToken) is not null);
        }

        if (!named || wait.HasHandedOn(addressee))
        {
            throw new WaitRefusedException(
                "task.addressee-unknown", 422, $"'{addressee}' could not act on this.", [new FieldError("/addressee", $"must be a person whom the step asks for: by name, or with a key of its role (got: '{addressee}')")]);
        }
    }
}
