using Countersign.Ledger;

namespace Countersign.Checkpoints;

/// <summary>
/// The key that signs checkpoints, wherever it is kept: a file (<see cref="FileSigner"/>) or a vault that never gives it out
/// (Key Vault, <c>Countersign.Azure</c>).
/// </summary>
public interface ICheckpointSigner
{
    /// <summary>The public part.</summary>
    CheckpointKey Key { get; }

    /// <summary>Signs a digest (ES256).</summary>
    /// <param name="digest">SHA-256 of the text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>r and s, 32 bytes each, big-endian (IEEE P1363).</returns>
    /// <exception cref="CheckpointsUnavailableException">The key cannot be reached; the call may be repeated.</exception>
    ValueTask<byte[]> SignAsync(Hash256 digest, CancellationToken cancellationToken = default);
}
