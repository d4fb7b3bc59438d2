using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>
/// Makes links for people who do not sign in. The holder of a link is taken for its addressee, so a link is made only for a person who could act
/// and never by the requester of what is to be approved. The log has its maker and its addressee.
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
            var refused = maker.User == wait.Requester ? WaitRefusedException.OwnRequest() : WaitRefusedException.OfRequester("/addressee", addressee);
            await Waits.RecordRefusalAsync(ledger, maker, wait, refused, cancellationToken);
            throw refused;
        }

        await DemandAsync(maker.Tenant, wait, addressee, cancellationToken);
        if (wait.HasHandedOn(addressee))
        {
            throw Unknown(addressee);
        }

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

    /// <summary>
    /// Refuses an addressee whom a wait does not ask now: neither named nor a holder of a key with the role, or a person whose keys were
    /// revoked. Checked when a link is made, and again when it is used.
    /// </summary>
    /// <exception cref="WaitRefusedException">The wait does not ask the addressee.</exception>
    public async Task DemandAsync(string tenant, WaitRow wait, string addressee, CancellationToken cancellationToken)
    {
        WaitAudience?[] asked = [wait.Audience, wait.State is WaitState.Escalated || !wait.IsOpen ? wait.EscalateTo : null];
        var named = wait is { Kind: WaitKind.Form, Audience: { Role: null, Users: [] } } && addressee == wait.Requester;
        foreach (var audience in asked.OfType<WaitAudience>())
        {
            named = named
                || audience.Users.Contains(addressee)
                || (audience.Role is { } role && await KeyHolders.HoldsAnyAsync(ledger, tenant, addressee, [role], cancellationToken));
        }

        if (await KeyHolders.IsRevokedAsync(ledger, tenant, addressee, cancellationToken))
        {
            throw new WaitRefusedException(
                "task.addressee-revoked", 403, $"Every key of '{addressee}' was revoked, so '{addressee}' can neither act nor get a link.", [new FieldError("/addressee", "must not be a person whose keys were revoked")]);
        }

        if (!named)
        {
            throw Unknown(addressee);
        }
    }

    private static WaitRefusedException Unknown(string addressee) => new(
        "task.addressee-unknown", 422, $"'{addressee}' could not act on this.", [new FieldError("/addressee", $"must be a person whom the step asks for: by name, or with a key of its role (got: '{addressee}')")]);
}
