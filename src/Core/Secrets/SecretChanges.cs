using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Egress;
using Countersign.Ledger;

namespace Countersign.Secrets;

/// <summary>Sets, binds and deletes a tenant's secrets, and says so in the log: the name and the origins, never the value.</summary>
/// <param name="store">Where the secrets are.</param>
/// <param name="ledger">Where the log is.</param>
public sealed class SecretChanges(FileSecretStore store, ILedger ledger)
{
    /// <summary>The tenant's secrets without their values, sorted by name.</summary>
    /// <exception cref="SecretStoreException">The tenant's secrets cannot be opened.</exception>
    public ValueTask<ImmutableArray<SecretInfo>> ListAsync(string tenant, CancellationToken cancellationToken = default) => store.ListAsync(tenant, cancellationToken);

    /// <summary>A secret without its value.</summary>
    /// <exception cref="SecretStoreException">There is no such secret, or the tenant's secrets cannot be opened.</exception>
    public async Task<SecretInfo> GetAsync(string tenant, string name, CancellationToken cancellationToken = default) =>
        (await ListAsync(tenant, cancellationToken)).FirstOrDefault(secret => secret.Name == name)
        ?? throw new SecretStoreException(SecretCodes.NotFound, $"There is no secret '{name}'.");

    /// <summary>Sets a secret, or binds the one that there is to other origins.</summary>
    /// <param name="actor">The person; the secret is of the same tenant.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="value">Its value; null to keep the one that it has.</param>
    /// <param name="origins">The origins that it may be sent to, such as <c>https://pay.example</c>; empty to keep those that it has.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <returns>The secret as it is now, without its value.</returns>
    /// <exception cref="SecretStoreException">Name, value or origins break the rules, or there is no such secret to bind.</exception>
    public async Task<SecretInfo> SetAsync(Principal actor, string name, string? value, ImmutableArray<string> origins, CancellationToken cancellationToken = default)
    {
        var read = origins.Select(Read).ToImmutableArray();
        await (value is null
            ? store.BindAsync(actor.Tenant, name, read, cancellationToken)
            : store.SetAsync(actor.Tenant, name, value, read, cancellationToken));
        var info = await GetAsync(actor.Tenant, name, cancellationToken);
        await LogAsync(actor, EventTypes.SecretSet, name, payload => payload.Add("origins", string.Join(' ', info.Origins)), cancellationToken);
        return info;
    }

    /// <summary>Deletes a secret.</summary>
    /// <exception cref="SecretStoreException">There is no such secret.</exception>
    public async Task DeleteAsync(Principal actor, string name, CancellationToken cancellationToken = default)
    {
        await GetAsync(actor.Tenant, name, cancellationToken);
        await store.DeleteAsync(actor.Tenant, name, cancellationToken);
        await LogAsync(actor, EventTypes.SecretDeleted, name, payload => payload, cancellationToken);
    }

    private static Origin Read(string text) => Origin.TryParse(text) ?? throw new SecretStoreException(
        SecretCodes.BadOrigin, $"A secret is bound to origins: scheme, host and port, such as https://pay.example or http://127.0.0.1:9090 (got: '{Shown(text)}').");

    private static string Shown(string text) => string.Concat((text.Length > 100 ? text[..100] : text).Select(c => char.IsControl(c) ? '?' : c));

    private async Task LogAsync(Principal actor, string type, string name, Func<LogPayload, LogPayload> facts, CancellationToken cancellationToken)
    {
        if (actor.Tenant == FileSecretStore.HostTenant)
        {
            return;
        }

        await ledger.CommitAsync(actor.Tenant, new LedgerCommit
        {
            Entries =
            [
                new EntryDraft
                {
                    EventId = EventId.Outside(Guid.NewGuid().ToString("N"), type),
                    Type = type,
                    Actor = actor.User,
                    Payload = facts(new LogPayload().Add("name", name)).ToBytes(),
                },
            ],
        }, cancellationToken);
    }
}
