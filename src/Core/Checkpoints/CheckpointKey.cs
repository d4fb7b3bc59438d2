using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Checkpoints;

/// <summary>
/// A public key that checkpoints are verified with: ECDSA on P-256 over SHA-256, signature type 0x02 of C2SP signed-note.
/// Immutable, safe for concurrent use.
/// </summary>
public sealed class CheckpointKey
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const byte SignatureType = 0x02;

    private readonly byte[] _spki;

    private CheckpointKey(byte[] spki)
    {
        _spki = spki;
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(spki));
    }

    /// <summary>The key's id in a note: for this signature type the first four bytes of SHA-256 over the DER form of the key.</summary>
    public uint KeyId { get; }

    /// <summary>The key as an X.509 SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo => _spki;

    /// <summary>The key as PEM, which <see cref="FromPem"/> reads.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", _spki) + "\n";

    /// <summary>The key in the form that note tools take: <c>name+id+base64</c>.</summary>
    /// <param name="name">The name it signs under; see <see cref="CheckpointOrigin"/>.</param>
    public string ToVerifierText(string name) => $"{name}+{KeyId:x8}+{Convert.ToBase64String([SignatureType, .. _spki])}";

    /// <summary>Reads a key in PEM, public or private; of a private one only the public part is kept.</summary>
    /// <exception cref="CheckpointException">It is no key on P-256 (<c>checkpoint.key-invalid</c>).</exception>
    public static CheckpointKey FromPem(string pem)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return From(key);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, "the text is no unencrypted PEM of an ECDSA key", error);
        }
    }

    /// <summary>Takes the public part of a key.</summary>
    /// <exception cref="CheckpointException">The key is not on P-256 (<c>checkpoint.key-invalid</c>).</exception>
    public static CheckpointKey From(ECDsa key) => key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == P256
        ? new CheckpointKey(key.ExportSubjectPublicKeyInfo())
        : throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, "the key is not on the curve P-256");

    /// <summary>Whether a signature was made by this key over a text.</summary>
    /// <param name="text">The note's text.</param>
    /// <param name="signature">ASN.1 DER; anything may come.</param>
    public bool Verify(string text, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_spki, out _);
        try
        {
            return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
