using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>What waits for people.</summary>
public sealed class Inbox(ILedger ledger)
{
    /// <summary>
    /// Open waits that are addressed to a person, the newest run first; an admin sees all of them.
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

    private async ValueTask<WaitRow?> FindAsync(Principal person, string inboxKey, CancellationToken cancellationToken)
    {
        var (run, key) = RowKeys.FromInbox(inboxKey);
        var stored = await ledger.ReadRowAsync(person.Tenant, RowKeys.Wait(run, key), cancellationToken);
        return stored is not null && WaitRow.From(stored) is { IsOpen: true } wait && (person.Is(Role.Admin) || Eligibility.IsAddressed(wait, person))
            ? wait
            : null;
    }
}
