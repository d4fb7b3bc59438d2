using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>What waits for people.</summary>
public sealed class Inbox(ILedger ledger)
{
    /// <summary>
    /// Open waits that are addressed to a person, and those of the person's own runs with a message that the person has not answered; the newest run
    /// first. An admin sees all open waits.
    /// </summary>
    /// <param name="person">Who looks.</param>
    /// <param name="after">The row after which to begin; null at the beginning.</param>
    /// <param name="limit">At most this many, 1 to 200.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The waits, and the row after which the next page begins; null at the end.</returns>
    public async Task<(IReadOnlyList<WaitRow> Waits, string? Next)> ListAsync(
        Principal person, string? after, int limit, CancellationToken cancellationToken = default)
    {
        const int Page = 200;
        var found = new List<WaitRow>();
        while (true)
        {
            var rows = await ledger.ScanRowsAsync(person.Tenant, RowKeys.InboxPrefix, after, Page, cancellationToken);
            foreach (var row in rows)
            {
                after = row.Key;
                if (await FindAsync(person, row.Key, cancellationToken) is { } wait)
                {
                    found.Add(wait);
                    if (found.Count == limit)
                    {
                        return (found, after);
                    }
                }
            }

            if (rows.Count < Page)
            {
                return (found, null);
            }
        }
    }

    /// <summary>Whether the last message about a wait is a question to a person: the person started the run, and another person sent it.</summary>
    public static bool IsAsked(WaitRow wait, Principal person) =>
        wait is { IsOpen: true, Messages: > 0 } && person.User == wait.Requester && wait.LastMessageBy != person.User;

    private async ValueTask<WaitRow?> FindAsync(Principal person, string inboxKey, CancellationToken cancellationToken)
    {
        var (run, key) = RowKeys.FromInbox(inboxKey);
        var stored = await ledger.ReadRowAsync(person.Tenant, RowKeys.Wait(run, key), cancellationToken);
        return stored is not null && WaitRow.From(stored) is { IsOpen: true } wait && (person.Is(Role.Admin) || Eligibility.IsAddressed(wait, person) || IsAsked(wait, person))
            ? wait
            : null;
    }
}
