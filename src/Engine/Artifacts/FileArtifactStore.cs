using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Countersign.Artifacts;
using Countersign.Ledger;

namespace Countersign.Engine.Artifacts;

/// <summary>
/// Artifacts as files, each encrypted with its tenant's key and named by its content's hash. A tenant's folder is named by a
/// hash of the tenant, so no name can lead elsewhere. Safe for concurrent use; one host owns the folder (<see cref="DataFolder"/>).
/// </summary>
public sealed class FileArtifactStore : IArtifactStore
{
    private const string Unfinished = "unfinished";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ConcurrentDictionary<string, TenantFolder> _tenants = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly string _unfinished;
    private readonly byte[] _key;

    private FileArtifactStore(string folder, string unfinished, byte[] key) =>
        (_folder, _unfinished, _key) = (folder, unfinished, key);

    /// <summary>Opens the artifacts of a data folder, creating the key for them the first time.</summary>
    /// <exception cref="ArtifactKeyException">The key's file is gone or damaged while artifacts are there.</exception>
    /// <exception cref="LedgerUnavailableException">The folder cannot be used.</exception>
    public static FileArtifactStore Open(DataFolder folder) => Open(folder.Artifacts, KeyFile(folder));

    /// <summary>The key of a data folder, from which those of its tenants are derived; made the first time.</summary>
    /// <exception cref="ArtifactKeyException">The key's file is gone or damaged while artifacts are there.</exception>
    internal static byte[] KeyOf(DataFolder folder) => ArtifactKey.OpenOrCreate(KeyFile(folder), HasTenants(folder.Artifacts));

    private static string KeyFile(DataFolder folder) => Path.Combine(folder.Keys, "artifacts.key");

    private static bool HasTenants(string folder) => Directory.EnumerateDirectories(folder).Any(path => Path.GetFileName(path) != Unfinished);

    /// <summary>Opens artifacts in a folder that exists, with a key file of its own.</summary>
    internal static FileArtifactStore Open(string folder, string keyFile)
    {
        try
        {
            // What a crash left half-written was never acknowledged.
            var unfinished = Path.Combine(folder, Unfinished);
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            var key = ArtifactKey.OpenOrCreate(keyFile, HasTenants(folder));
            Directory.CreateDirectory(unfinished);
            return new FileArtifactStore(folder, unfinished, key);
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public async Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        var own = Tenant(tenant);
        var target = Path.Combine(own.Path, hash);
        try
        {
            if (!File.Exists(target))
            {
                await WriteAsync(own, target, SealedArtifact.Seal(own.Key, tenant, hash, content.Span), cancellationToken);
            }

            // Also where another call has just put it: its name may not be durable yet.
            DurableFiles.FlushFolder(own.Path);
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public async Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        var own = Tenant(tenant);
        try
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(own.Path, hash), cancellationToken);
            return SealedArtifact.Open(own.Key, tenant, hash, bytes);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default)
    {
        SealedArtifact.CheckHash(hash);
        cancellationToken.ThrowIfCancellationRequested();
        var own = Tenant(tenant);
        try
        {
            if (Directory.Exists(own.Path))
            {
                File.Delete(Path.Combine(own.Path, hash));
                DurableFiles.FlushFolder(own.Path);
            }

            return Task.CompletedTask;
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    private static bool IsStorage(Exception error) => error is IOException or UnauthorizedAccessException;

    private static LedgerUnavailableException Unavailable(Exception error) =>
        new($"The artifacts cannot be reached: {error.Message}", error);

    private TenantFolder Tenant(string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        return _tenants.GetOrAdd(tenant, static (name, store) => new TenantFolder(
            Path.Combine(store._folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))),
            SealedArtifact.DeriveKey(store._key, name)), this);
    }

    private async Task WriteAsync(TenantFolder own, string target, byte[] bytes, CancellationToken cancellationToken)
    {
        var aside = Path.Combine(_unfinished, Guid.NewGuid().ToString("N"));
        try
        {
            await using (var stream = new FileStream(aside, DurableFiles.CreateNew(OwnerOnly)))
            {
                await stream.WriteAsync(bytes, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            if (!own.IsDurable)
            {
                Directory.CreateDirectory(own.Path);
                DurableFiles.FlushFolder(_folder);
                own.IsDurable = true;
            }

            File.Move(aside, target, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    private sealed class TenantFolder(string path, byte[] key)
    {
        private volatile bool _durable;

        public string Path { get; } = path;

        public byte[] Key { get; } = key;

        /// <summary>Its own name is on the disk.</summary>
        public bool IsDurable
        {
            get => _durable;
            set => _durable = value;
        }
    }
}
