using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Access;

/// <summary>An API key as it is kept: never the key itself, only its hash (which is its id) and whom it stands for.</summary>
/// <param name="Id">The first 16 hexadecimal digits of the key's SHA-256.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="User">The opaque id of the user or agent.</param>
/// <param name="Roles">The roles.</param>
/// <param name="Created">When it was made.</param>
public sealed record ApiKey(string Id, string Tenant, string User, ImmutableArray<string> Roles, DateTimeOffset Created)
{
    /// <summary>When it was revoked; null while it is good.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Who made it, who made that one's key, and so on, at most 8; null for a key of an older build, or made in the data folder.</summary>
    public ImmutableArray<KeyMaker>? Makers { get; init; }
}

/// <summary>Who made a key, and when. The maker sees the key, and so can act as its user.</summary>
/// <param name="User">The maker's id.</param>
/// <param name="At">When.</param>
public sealed record KeyMaker(string User, DateTimeOffset At);

/// <summary>API keys: made once, shown once, kept as hashes.</summary>
/// <param name="ledger">Where keys and their entries are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="root">From which the keys of requests with an Idempotency-Key are derived, at least 32 bytes; null where there are none.</param>
public sealed class ApiKeys(ILedger ledger, TimeProvider time, byte[]? root = null)
{
    // Who a key stands for must be known before its tenant is, so keys live in a ledger of their own, which no principal belongs to.
    /// <summary>The name of that ledger.</summary>
    public const string KeyTenant = "$keys";

    internal const string RowPrefix = "key|";
    private const int MostMakers = 8;
    private const string Prefix = "cs_";
    private TaskCompletionSource revocation = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when this process revokes a key; which one is read from the ledger.</summary>
    public Task NextRevocation => Volatile.Read(ref revocation).Task;

    /// <summary>Makes a key.</summary>
    /// <param name="maker">Who makes it; the key is of the same tenant.</param>
    /// <param name="user">The opaque id of the user or agent: 1 to 64 letters, digits and <c>_ - . :</c>.</param>
    /// <param name="roles">The roles.</param>
    /// <param name="idempotencyKey">What makes a repetition the same request, which then has the same key; null where none is expected.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The key, which cannot be had again, and what is kept of it.</returns>
    /// <exception cref="IdempotencyKeyReusedException">The idempotency key was used for another user or other roles.</exception>
    /// <exception cref="ApiKeyInvalidException">A role is unknown, or the user's id is not of the form.</exception>
    public async Task<(string Secret, ApiKey Key)> CreateAsync(
        Principal maker, string user, ImmutableArray<string> roles, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        if (!UserId.IsValid(user))
        {
            throw new ApiKeyInvalidException("/user", UserId.FieldRule);
        }

        if (Names.IsReservedUser(user))
        {
            throw new ApiKeyInvalidException("/user", $"'{user}' is what the log calls the product itself");
        }

        if (roles.IsEmpty || roles.Except(Role.All).Any())
        {
            throw new ApiKeyInvalidException("/roles", $"must be one or more of {string.Join(", ", Role.All)}");
        }

        if (roles.Distinct(StringComparer.Ordinal).Count() < roles.Length)
        {
            throw new ApiKeyInvalidException("/roles", $"must not name a role twice (got: {string.Join(", ", roles)})");
        }

        await KeyHolders.TakeNamesAsync(ledger, maker.Tenant, user, cancellationToken);
        var secret = Prefix + Base64Url(SecretOf(maker.Tenant, idempotencyKey));
        var hash = HashOf(secret);
        var now = time.GetUtcNow();
        var key = new ApiKey(hash[..16], maker.Tenant, user, roles, now)
        {
            Makers = maker == Principal.System(maker.Tenant) ? null : [.. maker.Makers.Prepend(new KeyMaker(maker.User, now)).Take(MostMakers)],
        };

        // Two ledgers, so the log comes first: cut off in between, it names a key that nobody has, and no key is without its entry.
        await RecordAsync(maker, key, idempotencyKey, cancellationToken);
        try
        {
            await ledger.CommitAsync(KeyTenant, new LedgerCommit { Rows = [RowWrite.Insert(RowKey(hash), ToBytes(key))] }, cancellationToken);
        }
        catch (LedgerConflictException) when (idempotencyKey is not null)
        {
            // The same request made it before.
        }

        return (secret, key);
    }

    // The key of a request that may be repeated follows from the request, so that a repetition can show it again although it is kept nowhere.
    private byte[] SecretOf(string tenant, string? idempotencyKey) => idempotencyKey is null
        ? RandomNumberGenerator.GetBytes(32)
        : HMACSHA256.HashData(
            root ?? throw new InvalidOperationException("Without a root key no key follows from a request."), Encoding.UTF8.GetBytes($"api-key-1\n{tenant}\n{idempotencyKey}"));

    // The entry, and what makes a repetition the same request: one commit, which only the first of several gets through.
    private async Task RecordAsync(Principal maker, ApiKey key, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is null)
        {
            await LogAsync(maker, EventTypes.ApiKeyCreated, key, null, cancellationToken);
            return;
        }

        var row = RowKeys.Idempotency("api-key", idempotencyKey);
        var body = HashOf($"{key.User}\n{string.Join(' ', key.Roles)}");
        await CommitLoop.RunAsync(
            async token =>
            {
                // Where another request with this key came first, what it was about decides.
                if (await ledger.ReadRowAsync(key.Tenant, row, token) is { } before)
                {
                    return Encoding.ASCII.GetString(before.Value.Span) == body ? true : throw new IdempotencyKeyReusedException();
                }

                var receipt = await LogAsync(maker, EventTypes.ApiKeyCreated, key, RowWrite.Insert(row, Encoding.ASCII.GetBytes(body)), token);
                return receipt.Repeated ? throw new LedgerConflictException(row) : true;
            },
            time,
            cancellationToken);
    }

    /// <summary>Whether any key was ever made, of whatever tenant.</summary>
    public async ValueTask<bool> AnyAsync(CancellationToken cancellationToken = default) =>
        (await ledger.ScanRowsAsync(KeyTenant, RowKey(""), null, 1, cancellationToken)).Count > 0;

    /// <summary>Whom a key stands for; null for a key that is unknown or revoked.</summary>
    public async ValueTask<Principal?> AuthenticateAsync(string secret, CancellationToken cancellationToken = default) =>
        await FindAsync(secret, cancellationToken) is { Revoked: null } key
            ? new Principal(key.Tenant, key.User, key.Roles) { Makers = key.Makers ?? [] }
            : null;

    /// <summary>What is kept of a key, revoked or not; null for a key that is unknown.</summary>
    public async ValueTask<ApiKey?> FindAsync(string secret, CancellationToken cancellationToken = default) =>
        secret.StartsWith(Prefix, StringComparison.Ordinal) && secret.Length <= 100
            && await ledger.ReadRowAsync(KeyTenant, RowKey(HashOf(secret)), cancellationToken) is { } row
            ? From(row)
            : null;

    /// <summary>Revokes a key by its id; it is good no more from the next request on. Revoking again does nothing.</summary>
    /// <exception cref="ApiKeyNotFoundException">The tenant has no such key.</exception>
    public async Task RevokeAsync(Principal actor, string id, CancellationToken cancellationToken = default)
    {
        var rows = RowKeys.IsSafe(id) && id.Length == 16
            ? await ledger.ScanRowsAsync(KeyTenant, RowKey(id), null, 1, cancellationToken)
            : [];
        if (rows.Count == 0 || From(rows[0]) is not { } key || key.Tenant != actor.Tenant)
        {
            throw new ApiKeyNotFoundException(id);
        }

        var revoked = key with { Revoked = key.Revoked ?? time.GetUtcNow() };
        await ledger.CommitAsync(KeyTenant, new LedgerCommit { Rows = [RowWrite.Put(rows[0].Key, ToBytes(revoked))] }, cancellationToken);
        Interlocked.Exchange(ref revocation, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        await LogAsync(actor, EventTypes.ApiKeyRevoked, key, null, cancellationToken);
        await KeyHolders.ForgetAsync(ledger, key.Tenant, key.User, cancellationToken);
    }

    private async Task<CommitReceipt> LogAsync(Principal actor, string type, ApiKey key, RowWrite? record, CancellationToken cancellationToken) =>
        await ledger.CommitAsync(actor.Tenant, new LedgerCommit
        {
            Rows = [.. type == EventTypes.ApiKeyCreated ? KeyHolders.RowsOf(key) : [], .. record is null ? Array.Empty<RowWrite>() : [record]],
            Entries =
            [
                new EntryDraft
                {
                    EventId = EventId.Outside(key.Id, type),
                    Type = type,
                    Actor = actor.User,
                    Payload = new LogPayload().Add("id", key.Id).Add("roles", string.Join(' ', key.Roles)).Add("user", key.User).ToBytes(),
                },
            ],
        }, cancellationToken);

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static string RowKey(string hash) => RowPrefix + hash;

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static ReadOnlyMemory<byte> ToBytes(ApiKey key) => JsonSerializer.SerializeToUtf8Bytes(key, AccessJson.Default.ApiKey);

    private static ApiKey From(Row row) => JsonSerializer.Deserialize(row.Value.Span, AccessJson.Default.ApiKey)!;
}

/// <summary>The tenant has no such key.</summary>
/// <param name="id">What was asked for.</param>
public sealed class ApiKeyNotFoundException(string id) : Exception($"There is no API key '{id}'.");

/// <summary>A key cannot be made like this.</summary>
/// <param name="pointer">The field.</param>
/// <param name="rule">The rule.</param>
public sealed class ApiKeyInvalidException(string pointer, string rule) : Exception($"{pointer} {rule}.")
{
    /// <summary>The field, as a JSON pointer.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>The rule it breaks.</summary>
    public string Rule { get; } = rule;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(KeyIdentity))]
internal sealed partial class AccessJson : JsonSerializerContext;
