using Azure.Storage.Blobs;
using Countersign.Azure;
using Countersign.Azure.Checkpoints;
using Countersign.Checkpoints;

namespace Countersign.Sealing;

/// <summary>
/// The sealer of this app, opened at the first use, so that a vault that is out of reach fails a round and not the app. Kept: it
/// remembers where it was.
/// </summary>
public sealed class OpenSealer(SealerSettings settings) : IDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private Sealer? sealer;

    /// <summary>The logs that it reads.</summary>
    public ILogSource Log { get; } = new TableLogSource(settings.Log.Tables(), settings.Prefix);

    /// <summary>The sealer.</summary>
    /// <exception cref="CheckpointException">The key is not one that can sign.</exception>
    /// <exception cref="CheckpointsUnavailableException">The vault or the emulator's container cannot be reached.</exception>
    public async Task<Sealer> GetAsync(CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            return sealer ??= new Sealer(Log, new BlobCheckpointStore(await ContainerAsync(cancellationToken)), await SignerAsync(cancellationToken), settings.Options);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<ICheckpointSigner> SignerAsync(CancellationToken cancellationToken) => settings switch
    {
        { Key: { } key } => await KeyVaultSigner.OpenAsync(key, AppIdentity.Credential(), cancellationToken: cancellationToken),
        { KeyFile: { } file } => File.Exists(file) ? FileSigner.Open(file) : FileSigner.Create(file),
        _ => throw new InvalidOperationException("Neither a key nor a file is set."),
    };

    // In Azure the container is made with its policy, by whoever deploys; the emulator knows no policies.
    private async Task<BlobContainerClient> ContainerAsync(CancellationToken cancellationToken)
    {
        var container = settings.Checkpoints.Blobs().GetBlobContainerClient(settings.Container);
        if (settings.Checkpoints.ConnectionString is null)
        {
            return container;
        }

        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        return container;
    }
}
