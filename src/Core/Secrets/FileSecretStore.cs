using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Egress;

namespace Countersign.Secrets;

/// <summary>
/// Secrets in one file per tenant, encrypted with AES-256-GCM; the tenant's id and the format are authenticated with it, so that a file under another
/// tenant's name does not open. One process writes; a change is complete or did not happen.
/// </summary>
public sealed class FileSecretStore : ISecretStore, IDisposable
{
    /// <summary>Length of the key in bytes: 32.</summary>
    public const int KeyLength = 32;

    /// <summary>Longest value in characters: 32,768.</summary>
    public const int LongestValue = 32 * 1024;

    /// <summary>Most origins that one secret is bound to: 32.</summary>
    public const int MostOrigins = 32;

    /// <summary>The name under which the host's own secrets are kept: no tenant can have it, as it holds a NUL. They go to the providers that the operator configures, so they are bound to no origin.</summary>
    public const string HostTenant = "\0host";

    // Format 1 held names and values only.
    private const byte OldFormat = 1;
    private const byte Format = 2;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly string folder;
    private readonly byte[] key;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writing = new(1, 1);

    /// <summary>A store.</summary>
    /// <param name="folder">Where the files are; made where it does not exist, readable to the process's own user only.</param>
    /// <param name="key">The key, 32 bytes; copied.</param>
    /// <param name="time">The clock that says when a secret was changed.</param>
    public FileSecretStore(string folder, ReadOnlySpan<byte> key, TimeProvider time)
    {
        (this.folder, this.time) = (folder, time);
        this.key = key.Length == KeyLength ? key.ToArray() : throw new ArgumentException($"The key is {KeyLength} bytes long.", nameof(key));
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SecretStoreException">The file cannot be opened with this key.</exception>
    public async ValueTask<Secret?> FindAsync(string tenant, string name, CancellationToken cancellationToken = default) =>
        (await ReadAsync(tenant, cancellationToken)).TryGetValue(name, out var stored) ? new Secret(stored.Value) { Origins = stored.Origins() } : null;

    /// <summary>What is known of a tenant's secrets except for their values, sorted by name.</summary>
    /// <exception cref="SecretStoreException">The file cannot be opened with this key.</exception>
    public async ValueTask<ImmutableArray<SecretInfo>> ListAsync(string tenant, CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(tenant, cancellationToken)).Select(pair => new SecretInfo(pair.Key, pair.Value.Origins(), pair.Value.Changed))];

    /// <summary>Sets a secret, or replaces it.</summary>
    /// <param name="tenant">The tenant's id.</param>
    /// <param name="name">1 to 64 of a–z, 0–9, <c>-</c>, <c>_</c> and <c>.</c>, the first a letter or digit.</param>
    /// <param name="value">4 to 32,768 characters: a shorter one could not be told apart in what must be cleaned of it.</param>
    /// <param name="origins">The origins that it may be sent to, 1 to 32; empty to keep those that the secret has.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SecretStoreException">Name, value or origins break the rules, or the file cannot be opened with this key.</exception>
    public ValueTask SetAsync(string tenant, string name, string value, ImmutableArray<Origin> origins, CancellationToken cancellationToken = default)
    {
        if (!Names.IsPlain(name))
        {
            throw new SecretStoreException("secret.name", $"A secret's name has {Names.PlainRule} (got: '{name}').");
        }

        if (value.Length is < SecretValues.Shortest or > LongestValue)
        {
            throw new SecretStoreException("secret.value-length", $"A secret has {SecretValues.Shortest} to {LongestValue} characters.");
        }

        return ChangeAsync(
            tenant,
            secrets =>
            {
                var known = secrets.GetValueOrDefault(name)?.Origins() ?? [];
                secrets[name] = new StoredSecret(value, Texts(tenant, name, origins.IsEmpty ? known : origins), time.GetUtcNow());
            },
            cancellationToken);
    }

    /// <summary>Binds a secret to other origins; its value stays.</summary>
    /// <param name="tenant">The tenant's id.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="origins">All origins that it may be sent to from now on, 1 to 32.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SecretStoreException">There is no such secret, the origins break the rules, or the file cannot be opened with this key.</exception>
    public ValueTask BindAsync(string tenant, string name, ImmutableArray<Origin> origins, CancellationToken cancellationToken = default) => ChangeAsync(
        tenant,
        secrets =>
        {
            var stored = secrets.GetValueOrDefault(name) ?? throw new SecretStoreException(SecretCodes.NotFound, $"There is no secret '{name}'.");
            secrets[name] = stored with { For = Texts(tenant, name, origins), Changed = time.GetUtcNow() };
        },
        cancellationToken);

    /// <summary>Deletes a secret; nothing happens where there is none of that name.</summary>
    /// <exception cref="SecretStoreException">The file cannot be opened with this key.</exception>
    public ValueTask DeleteAsync(string tenant, string name, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, secrets => secrets.Remove(name), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        writing.Dispose();
        CryptographicOperations.ZeroMemory(key);
    }

    // A tenant's id can hold what a file's name cannot.
    private string PathOf(string tenant) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant))) + ".secrets");

    private static byte[] Bound(string tenant, byte format) => Encoding.UTF8.GetBytes($"countersign-secrets-{format}\0{tenant}");

    private static ImmutableArray<string> Texts(string tenant, string name, ImmutableArray<Origin> origins)
    {
        if (origins.IsEmpty && tenant != HostTenant)
        {
            throw new SecretStoreException(
                SecretCodes.OriginsRequired, $"The secret '{name}' needs at least one origin that it may be sent to, such as https://pay.example.");
        }

        return origins.Length <= MostOrigins
            ? [.. origins.Select(origin => origin.ToString()).Distinct(StringComparer.Ordinal)]
            : throw new SecretStoreException(SecretCodes.BadOrigin, $"A secret is bound to at most {MostOrigins} origins (got: {origins.Length}).");
    }

    private async ValueTask ChangeAsync(string tenant, Action<SortedDictionary<string, StoredSecret>> change, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            var secrets = await ReadAsync(tenant, cancellationToken);
            change(secrets);
            Write(PathOf(tenant), Encrypt(tenant, JsonSerializer.SerializeToUtf8Bytes(secrets, SecretsJson.Default.SortedDictionaryStringStoredSecret)));
        }
        finally
        {
            writing.Release();
        }
    }

    private async ValueTask<SortedDictionary<string, StoredSecret>> ReadAsync(string tenant, CancellationToken cancellationToken)
    {
        byte[] file;
        try
        {
            file = await File.ReadAllBytesAsync(PathOf(tenant), cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return new SortedDictionary<string, StoredSecret>(StringComparer.Ordinal);
        }

        var plain = Decrypt(tenant, file);
        return new SortedDictionary<string, StoredSecret>(
            file[0] == OldFormat
                ? JsonSerializer.Deserialize(plain, SecretsJson.Default.SortedDictionaryStringString)!.ToDictionary(pair => pair.Key, pair => new StoredSecret(pair.Value, [], null))
                : JsonSerializer.Deserialize(plain, SecretsJson.Default.SortedDictionaryStringStoredSecret)!,
            StringComparer.Ordinal);
    }

    private byte[] Encrypt(string tenant, byte[] plain)
    {
        var file = new byte[1 + NonceLength + TagLength + plain.Length];
        file[0] = Format;
        var nonce = file.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, plain, file.AsSpan(1 + NonceLength + TagLength), file.AsSpan(1 + NonceLength, TagLength), Bound(tenant, Format));
        return file;
    }

    private byte[] Decrypt(string tenant, byte[] file)
    {
        const int Head = 1 + NonceLength + TagLength;
        if (file.Length < Head || file[0] is not (OldFormat or Format))
        {
            throw Damaged();
        }

        var plain = new byte[file.Length - Head];
        try
        {
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(file.AsSpan(1, NonceLength), file.AsSpan(Head), file.AsSpan(1 + NonceLength, TagLength), plain, Bound(tenant, file[0]));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged();
        }

        return plain;
    }

    private static SecretStoreException Damaged() =>
        new("secret.store-damaged", "The tenant's secrets cannot be opened: the key is another one, or the file was changed.");

    private static void Write(string path, byte[] bytes)
    {
        var part = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(part, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
    }
}

/// <summary>A secret could not be kept or read.</summary>
/// <param name="code"><c>secret.name</c>, <c>secret.value-length</c>, <c>secret.store-damaged</c> or one of <see cref="SecretCodes"/>.</param>
/// <param name="message">What is wrong; never a value.</param>
public sealed class SecretStoreException(string code, string message) : Exception(message)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status of it.</summary>
    public int Status => Code switch
    {
        SecretCodes.NotFound => 404,
        SecretCodes.ReadOnly => 409,
        "secret.store-damaged" => 500,
        _ => 422,
    };

    /// <summary>The field that is wrong, as a JSON pointer; null if it is none of the body's.</summary>
    public string? Pointer => Code switch
    {
        "secret.value-length" => "/value",
        SecretCodes.OriginsRequired or SecretCodes.BadOrigin => "/for",
        _ => null,
    };
}

/// <summary>What is known of a secret except for its value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Origins">The origins that it may be sent to; empty for one that an older build stored, which is sent nowhere until it is bound.</param>
/// <param name="Changed">When it was last set or bound; null for one that an older build stored.</param>
public sealed record SecretInfo(string Name, ImmutableArray<Origin> Origins, DateTimeOffset? Changed);

internal sealed record StoredSecret(string Value, ImmutableArray<string> For, DateTimeOffset? Changed)
{
    public ImmutableArray<Origin> Origins() => [.. For.Select(Origin.TryParse).OfType<Origin>()];
}

[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(SortedDictionary<string, StoredSecret>))]
internal sealed partial class SecretsJson : JsonSerializerContext;
