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
    /// <exception cref="WaitRefusedException">The wait is closed or not for people, or maker or addressee asked for the run that is to be approved.</exception>
    public async Task<string> MakeAsync(Principal maker, WaitRow wait, string addressee, CancellationToken cancellationToken = default)
    {
        var token = links.Make(maker.Tenant, wait, addressee);
        if (wait is { Kind: WaitKind.Approval, AllowRequester: false } && (maker.User == wait.Requester || addressee == wait.Requester))
        {
            throw WaitRefusedException.OwnRequest();
        }

        var payload = new LogPayload().Add("addressee", addressee).Add("expires", wait.Deadline).Add("step", wait.StepId).Add("visit", wait.Visit).ToBytes();
        var entry = WaitLog.Entry(wait, EventTypes.TaskLinkMade, $"{maker.User}>{addressee}", maker.User, payload);
        await ledger.CommitAsync(maker.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
        return token;
    }
}
