namespace Countersign.Artifacts;

/// <summary>
/// Content-addressed payloads of one tenant, encrypted at rest. Stores: local files (<c>Countersign.Engine</c>) and Blob
/// Storage (<c>Countersign.Azure</c>).
/// </summary>
public interface IArtifactStore
{
    /// <summary>Stores content under its hash. Storing the same content again is no error and writes nothing.</summary>
    /// <param name="tenant">The tenant; another tenant's same content is stored apart.</param>
    /// <param name="hash">SHA-256 of the content, 64 hexadecimal digits in lower case; the store trusts it.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Cancels; nothing half-written is ever readable.</param>
    /// <exception cref="Ledger.LedgerUnavailableException">The store cannot be reached or is full.</exception>
    Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Reads content; null where the tenant has none under this hash.</summary>
    /// <exception cref="ArtifactCorruptException">What is stored is not what the hash names.</exception>
    /// <exception cref="Ledger.LedgerUnavailableException">The store cannot be reached.</exception>
    Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default);

    /// <summary>Deletes content; no error where there is none.</summary>
    Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default);
}

/// <summary>Stored content does not have the hash that it is stored under: it was damaged or changed.</summary>
/// <param name="hash">The hash it was asked for by.</param>
public sealed class ArtifactCorruptException(string hash)
    : Exception($"The artifact {hash} is damaged: its content does not have this hash.")
{
    /// <summary>The hash it was asked for by.</summary>
    public string Hash { get; } = hash;
}
