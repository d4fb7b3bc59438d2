using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Access;

/// <summary>
/// The people of a tenant who hold a key now, by role: what decides whether somebody who does not sign in may act, and who an audience
/// of a role is. The rows are the tenant's own; the keys are in the ledger of keys.
/// </summary>
public static class KeyHolders
{
    private const string Mark = "people|2";
    private const int Page = 500;

    /// <summary>The row that says that a person of a tenant holds a key with a role.</summary>
    public static string RowKey(string user, string role) => $"person|{role}|{user}";

    /// <summary>The row that says that a person of a tenant holds a key, or held one.</summary>
    public static string IdentityKey(string user) => $"identity|{user}";

    /// <summary>The rows of a key that is made: its roles, and its user.</summary>
    internal static IEnumerable<RowWrite> RowsOf(ApiKey key) => key.Roles
        .Select(role => RowWrite.Put(RowKey(key.User, role), "{}"u8.ToArray()))
        .Append(RowWrite.Put(IdentityKey(key.User), JsonSerializer.SerializeToUtf8Bytes(new KeyIdentity(key.Makers), AccessJson.Default.KeyIdentity)));

    /// <summary>Who made the newest key of a person, and so on; empty for a person who has none, or one of an older build.</summary>
    public static async ValueTask<ImmutableArray<KeyMaker>> MakersAsync(ILedger ledger, string tenant, string user, CancellationToken cancellationToken = default) =>
        UserId.IsValid(user) && await ledger.ReadRowAsync(tenant, IdentityKey(user), cancellationToken) is { } row
            ? JsonSerializer.Deserialize(row.Value.Span, AccessJson.Default.KeyIdentity)!.Makers ?? []
            : [];

    /// <summary>Takes the names of a tenant and a user, so that no other spelling of them can be taken.</summary>
    /// <exception cref="ApiKeyInvalidException">Another spelling of one of them is taken.</exception>
    internal static async Task TakeNamesAsync(ILedger ledger, string tenant, string user, CancellationToken cancellationToken)
    {
        await ReconcileAsync(ledger, tenant, cancellationToken);
        await TakeAsync(ledger, ApiKeys.KeyTenant, "tenant", tenant, cancellationToken);
        await TakeAsync(ledger, tenant, "user", user, cancellationToken);
    }

    private static ValueTask TakeAsync(ILedger ledger, string where, string kind, string name, CancellationToken cancellationToken) => CommitLoop.RunAsync(
        async token =>
        {
            var key = $"name|{kind}|{Names.Fold(name)}";
            if (await ledger.ReadRowAsync(where, key, token) is not { } row)
            {
                await ledger.CommitAsync(where, new LedgerCommit { Rows = [RowWrite.Insert(key, Encoding.UTF8.GetBytes(name))] }, token);
                return;
            }

            // Of names that an older build let in beside each other, the first has the row; the others keep working.
            var taken = Encoding.UTF8.GetString(row.Value.Span);
            if (taken != name && await ledger.ReadRowAsync(where, $"{key}|{name}", token) is null)
            {
                throw new ApiKeyInvalidException("/" + kind, $"is too much like '{taken}', which exists: names must differ by more than case and digits that look like letters (got: '{name}')");
            }
        },
        TimeProvider.System,
        cancellationToken);

    private static async Task KeepAsync(ILedger ledger, string where, string kind, string name, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(ledger, where, kind, name, cancellationToken);
        }
        catch (ApiKeyInvalidException)
        {
            await ledger.CommitAsync(where, new LedgerCommit { Rows = [RowWrite.Put($"name|{kind}|{Names.Fold(name)}|{name}", "{}"u8.ToArray())] }, cancellationToken);
        }
    }

    /// <summary>Whether a person holds a key with one of some roles.</summary>
    public static async ValueTask<bool> HoldsAnyAsync(ILedger ledger, string tenant, string user, IEnumerable<string> roles, CancellationToken cancellationToken = default)
    {
        if (!UserId.IsValid(user))
        {
            return false;
        }

        await ReconcileAsync(ledger, tenant, cancellationToken);
        foreach (var role in roles)
        {
            if (await ledger.ReadRowAsync(tenant, RowKey(user, role), cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The people who hold a key with a role, in order of their ids, up to a limit.</summary>
    public static async ValueTask<ImmutableArray<string>> WithRoleAsync(ILedger ledger, string tenant, string role, int limit, CancellationToken cancellationToken = default)
    {
        await ReconcileAsync(ledger, tenant, cancellationToken);
        var prefix = RowKey("", role);
        return [.. (await ledger.ScanRowsAsync(tenant, prefix, null, limit, cancellationToken)).Select(row => row.Key[prefix.Length..])];
    }

    /// <summary>Whether a person held a key and holds none now.</summary>
    public static async ValueTask<bool> IsRevokedAsync(ILedger ledger, string tenant, string user, CancellationToken cancellationToken = default)
    {
        if (!UserId.IsValid(user))
        {
            return false;
        }

        await ReconcileAsync(ledger, tenant, cancellationToken);
        return await ledger.ReadRowAsync(tenant, IdentityKey(user), cancellationToken) is not null
            && !await HoldsAnyAsync(ledger, tenant, user, Role.All, cancellationToken);
    }

    /// <summary>Removes the rows of the roles that a person holds no longer.</summary>
    internal static ValueTask ForgetAsync(ILedger ledger, string tenant, string user, CancellationToken cancellationToken) => CommitLoop.RunAsync(
        async token =>
        {
            // The rows are read before the keys: a key that is made meanwhile writes its row again, and the commit below loses to it.
            var rows = new List<Row>();
            foreach (var role in Role.All)
            {
                if (await ledger.ReadRowAsync(tenant, RowKey(user, role), token) is { } row)
                {
                    rows.Add(row);
                }
            }

            var held = (await KeysAsync(ledger, tenant, token)).Where(key => key is { Revoked: null } && key.User == user).SelectMany(key => key.Roles).ToHashSet(StringComparer.Ordinal);
            RowWrite[] gone = [.. rows.Where(row => !held.Contains(row.Key.Split('|')[1])).Select(row => RowWrite.Delete(row.Key, row.Version))];
            if (gone.Length > 0)
            {
                await ledger.CommitAsync(tenant, new LedgerCommit { Rows = [.. gone] }, token);
            }
        },
        TimeProvider.System,
        cancellationToken);

    // An older build kept the rows of people whose keys were revoked. Once for each tenant.
    private static async ValueTask ReconcileAsync(ILedger ledger, string tenant, CancellationToken cancellationToken)
    {
        if (await ledger.ReadRowAsync(tenant, Mark, cancellationToken) is not null)
        {
            return;
        }

        foreach (var people in (await KeysAsync(ledger, tenant, cancellationToken)).GroupBy(key => key.User, StringComparer.Ordinal))
        {
            await ledger.CommitAsync(tenant, new LedgerCommit { Rows = [RowWrite.Put(IdentityKey(people.Key), "{}"u8.ToArray())] }, cancellationToken);
            await KeepAsync(ledger, ApiKeys.KeyTenant, "tenant", tenant, cancellationToken);
            await KeepAsync(ledger, tenant, "user", people.Key, cancellationToken);
            await ForgetAsync(ledger, tenant, people.Key, cancellationToken);
        }

        await ledger.CommitAsync(tenant, new LedgerCommit { Rows = [RowWrite.Put(Mark, "{}"u8.ToArray())] }, cancellationToken);
    }

    private static async Task<List<ApiKey>> KeysAsync(ILedger ledger, string tenant, CancellationToken cancellationToken)
    {
        var keys = new List<ApiKey>();
        string? after = null;
        IReadOnlyList<Row> rows;
        do
        {
            rows = await ledger.ScanRowsAsync(ApiKeys.KeyTenant, ApiKeys.RowPrefix, after, Page, cancellationToken);
            keys.AddRange(rows.Select(row => JsonSerializer.Deserialize(row.Value.Span, AccessJson.Default.ApiKey)!).Where(key => key.Tenant == tenant));
            after = rows.Count > 0 ? rows[^1].Key : after;
        }
        while (rows.Count == Page);

        return keys;
    }
}

/// <summary>What is kept of a person who holds or held a key.</summary>
/// <param name="Makers">Who made the newest key, and so on; null for a key of an older build.</param>
internal sealed record KeyIdentity(ImmutableArray<KeyMaker>? Makers = null);
