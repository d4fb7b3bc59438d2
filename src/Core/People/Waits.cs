using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>
/// Acts on waits. Everything here has the same shape: read the row, check the rule, commit the row with its entry, then poke. The commit decides:
/// of two who act at once one wins, and the other is told so.
/// </summary>
public sealed class Waits(ILedger ledger, IEngine engine, TimeProvider time)
{
    /// <summary>Up to how many people of a role are counted: 200, twice the highest quorum.</summary>
    public const int CountedVoters = 200;

    /// <summary>The wait with an id (<c>run.key</c>); null where there is none.</summary>
    public async ValueTask<WaitRow?> FindAsync(string tenant, string id, CancellationToken cancellationToken = default) =>
        await ReadAsync(tenant, id, cancellationToken) is { } row ? WaitRow.From(row) : null;

    /// <summary>The wait with a run and key; null where there is none.</summary>
    public ValueTask<WaitRow?> FindAsync(RunIdentity run, string key, CancellationToken cancellationToken = default) =>
        FindAsync(run.Tenant, $"{run.Id}.{key}", cancellationToken);

    /// <summary>The one open wait of a run that waits for an event of a name; null where none does.</summary>
    /// <exception cref="WaitRefusedException">Several do.</exception>
    public async Task<WaitRow?> FindEventAsync(RunIdentity run, string name, CancellationToken cancellationToken = default)
    {
        const int Page = 500;
        var found = new List<WaitRow>();
        string? after = null;
        IReadOnlyList<Row> rows;
        do
        {
            rows = await ledger.ScanRowsAsync(run.Tenant, RowKeys.Wait(run.Id, ""), after, Page, cancellationToken);
            found.AddRange(rows.Select(WaitRow.From).Where(wait => wait is { IsOpen: true, Kind: WaitKind.Event } && wait.Event == name));
            after = rows.Count > 0 ? rows[^1].Key : after;
        }
        while (rows.Count == Page);

        return found switch
        {
            [var only] => only,
            [] => null,
            _ => throw new WaitRefusedException("wait.ambiguous", 409, $"Several steps wait for an event named '{name}'; name one of {string.Join(", ", found.Select(wait => wait.Id))}."),
        };
    }

    /// <summary>
    /// Changes an open wait by a rule, once: the rule sees the row as it is and either refuses or says what it becomes.
    /// </summary>
    /// <param name="person">Who changes it. A change that <see cref="Principal.Request"/> made before is not made again.</param>
    /// <param name="id">The wait.</param>
    /// <param name="rule">Looks at the open wait and returns the changed one with its entry.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WaitRefusedException">There is no such wait, it is closed, or the rule refuses.</exception>
    internal async Task<WaitRow> ChangeAsync(
        Principal person, string id, Func<WaitRow, DateTimeOffset, ValueTask<WaitChange>> rule, CancellationToken cancellationToken)
    {
        var (before, after) = await CommitLoop.RunAsync(token => TryChangeAsync(person, id, rule, token), time, cancellationToken);
        if (before.IsOpen && !after.IsOpen)
        {
            await engine.PokeAsync(new RunIdentity(person.Tenant, after.Run), after.Key, cancellationToken);
        }

        return after;
    }

    private async ValueTask<(WaitRow Before, WaitRow After)> TryChangeAsync(
        Principal person, string id, Func<WaitRow, DateTimeOffset, ValueTask<WaitChange>> rule, CancellationToken cancellationToken)
    {
        var tenant = person.Tenant;
        var stored = await ReadAsync(tenant, id, cancellationToken) ?? throw WaitRefusedException.NotFound(id);
        var wait = WaitRow.From(stored);
        if (person.Request is { } request && await request.IsDoneAsync(ledger, tenant, cancellationToken))
        {
            return (wait, wait);
        }

        var now = time.GetUtcNow();
        if (!wait.IsOpen)
        {
            throw WaitRefusedException.Closed(wait);
        }

        if (now >= wait.Deadline)
        {
            throw WaitRefusedException.Overdue(wait);
        }

        WaitChange change;
        try
        {
            change = await rule(wait with { Revision = wait.Revision + 1 }, now);
        }
        catch (WaitRefusedException refused) when (refused.IsRecorded)
        {
            await RecordRefusalAsync(ledger, person, wait, refused, cancellationToken);
            throw;
        }

        if (change.Entries.Length == 0)
        {
            return (wait, wait);
        }

        var receipt = await ledger.CommitAsync(tenant, Changing(stored, change, person.Request), cancellationToken);
        return receipt.Repeated ? throw new LedgerConflictException(stored.Key) : (wait, change.Wait);
    }

    /// <summary>Whether a person of a tenant holds a key with a role that may act on waits.</summary>
    internal ValueTask<bool> MayActAsync(string tenant, string user, CancellationToken cancellationToken) =>
        KeyHolders.HoldsAnyAsync(ledger, tenant, user, [Role.Admin, .. Permissions.Table[Permission.Act]], cancellationToken);

    /// <summary>How many people can vote on an approval or have voted, counted up to <see cref="CountedVoters"/> for each role.</summary>
    public async ValueTask<int> CountVotersAsync(string tenant, WaitRow wait, CancellationToken cancellationToken = default)
    {
        var voters = new HashSet<string>(StringComparer.Ordinal);
        foreach (var audience in ((WaitAudience?[])[wait.Audience, wait.State is WaitState.Escalated ? wait.EscalateTo : null]).OfType<WaitAudience>())
        {
            foreach (var user in audience.Users)
            {
                if (!await KeyHolders.IsRevokedAsync(ledger, tenant, user, cancellationToken))
                {
                    voters.Add(user);
                }
            }

            if (audience.Role is { } role)
            {
                voters.UnionWith(await KeyHolders.WithRoleAsync(ledger, tenant, role, CountedVoters, cancellationToken));
            }
        }

        voters.RemoveWhere(user => wait.HasHandedOn(user) || (user == wait.Requester && !wait.AllowRequester));
        voters.UnionWith(wait.Votes.Select(vote => vote.User));
        return voters.Count;
    }

    // Who may not act is told so, and the log keeps it: once for each person, wait and rule, so that it cannot be filled by asking again.
    internal static async Task RecordRefusalAsync(ILedger ledger, Principal person, WaitRow wait, WaitRefusedException refused, CancellationToken cancellationToken)
    {
        var facts = new LogPayload().Add("code", refused.Code).Add("step", wait.StepId).Add("via", person.Via).Add("visit", wait.Visit).ToBytes();
        var entry = WaitLog.Entry(wait, EventTypes.WaitRefused, $"{refused.Code}.{person.User}", person.User, facts);
        await ledger.CommitAsync(person.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
    }

    private static LedgerCommit Changing(Row stored, WaitChange change, RequestKey? request) => new()
    {
        Rows =
        [
            RowWrite.Replace(stored.Key, change.Wait.ToBytes(), stored.Version),
            .. change.Wait.IsOpen ? [] : change.Wait.Leftovers().Append(PokeOf(change.Wait)),
            .. change.Row is { } row ? [row] : Array.Empty<RowWrite>(),
            .. request is null ? Array.Empty<RowWrite>() : [request.Row],
        ],
        Entries = [.. change.Entries],
    };

    private static RowWrite PokeOf(WaitRow wait) =>
        RowWrite.Put(wait.PokeKey(wait.DecidedAt!.Value), new DueReason(DueKind.Poke, wait.Run, wait.Key).ToBytes());

    private ValueTask<Row?> ReadAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var dot = id.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < id.Length - 1 && RowKeys.IsSafe(id)
            ? ledger.ReadRowAsync(tenant, RowKeys.Wait(id[..dot], id[(dot + 1)..]), cancellationToken)
            : new ValueTask<Row?>((Row?)null);
    }
}

/// <summary>What a wait becomes, and what is logged about it.</summary>
/// <param name="Wait">The changed row.</param>
/// <param name="Entries">The entries.</param>
internal readonly record struct WaitChange(WaitRow Wait, params EntryDraft[] Entries)
{
    /// <summary>A row that is written with the change.</summary>
    public RowWrite? Row { get; init; }

    /// <summary>Nothing is written: the wait is as it was asked to be.</summary>
    public static WaitChange None(WaitRow wait) => new(wait, []);
}
