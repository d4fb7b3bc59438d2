using System.Security.Cryptography;
using Countersign.Ledger;

namespace Countersign.Checkpoints;

/// <summary>A signing key in a PEM file that only its owner may read.</summary>
public sealed class FileSigner : ICheckpointSigner, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly ECDsa _key;

    private FileSigner(ECDsa key, CheckpointKey known) => (_key, Key) = (key, known);

    /// <inheritdoc/>
    public CheckpointKey Key { get; }

    /// <summary>Makes a key, PKCS #8 in PEM, readable by the owner alone, and its public part beside it in <c>path.pub</c>.</summary>
    /// <param name="path">Where; nothing may be there.</param>
    /// <exception cref="IOException">Something is there, or it cannot be written.</exception>
    public static FileSigner Create(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(path, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
            file.Flush(flushToDisk: true);
        }

        var known = CheckpointKey.From(key);
        File.WriteAllText(path + ".pub", known.ToPem());
        return new FileSigner(key, known);
    }

    /// <summary>Opens a key.</summary>
    /// <exception cref="CheckpointException">It is no private key on P-256, or others may read its file (<c>checkpoint.key-invalid</c>).</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileSigner Open(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, $"'{path}' may be read or written by others than its owner; chmod 600 it, or make a new key");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            var signer = new FileSigner(key, CheckpointKey.From(key));
            _ = key.SignHash(new byte[Hash256.Length]);
            return signer;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, $"'{path}' holds no unencrypted private ECDSA key", error);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> SignAsync(Hash256 digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_key.SignHash(digest.ToArray(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();
}
