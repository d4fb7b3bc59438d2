using System.Security.Cryptography;
using System.Text;
using Countersign.Artifacts;

namespace Countersign.Engine.Artifacts;

/// <summary>
/// The bytes of a stored artifact: format (1), nonce (12), tag (16), ciphertext under AES-256-GCM (NIST SP 800-38D).
/// Tenant and hash are authenticated with it, so that bytes put in another place do not open there.
/// </summary>
internal static class SealedArtifact
{
    private const byte Format = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    public static byte[] Seal(byte[] key, string tenant, string hash, ReadOnlySpan<byte> content)
    {
        var bytes = new byte[HeaderLength + content.Length];
        bytes[0] = Format;
        var nonce = bytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, content, bytes.AsSpan(HeaderLength), bytes.AsSpan(1 + NonceLength, TagLength), Context(tenant, hash));
        return bytes;
    }

    /// <exception cref="ArtifactCorruptException">The bytes are not what was sealed for this tenant and hash.</exception>
    public static byte[] Open(byte[] key, string tenant, string hash, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || bytes[0] != Format)
        {
            throw new ArtifactCorruptException(hash);
        }

        var content = new byte[bytes.Length - HeaderLength];
        try
        {
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(
                bytes.Slice(1, NonceLength), bytes[HeaderLength..], bytes.Slice(1 + NonceLength, TagLength), content, Context(tenant, hash));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new ArtifactCorruptException(hash);
        }

        // The tag proves that these bytes were put; the hash, that they are what they were said to be.
        return Convert.ToHexStringLower(SHA256.HashData(content)) == hash ? content : throw new ArtifactCorruptException(hash);
    }

    private static byte[] Context(string tenant, string hash) => [Format, .. Encoding.ASCII.GetBytes(hash), .. Encoding.UTF8.GetBytes(tenant)];
}
