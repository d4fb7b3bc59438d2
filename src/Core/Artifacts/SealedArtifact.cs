using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Artifacts;

/// <summary>
/// The bytes of a stored artifact: format (1), nonce (12), tag (16), ciphertext under AES-256-GCM (NIST SP 800-38D).
/// Tenant and hash are authenticated with it, so that bytes put in another place do not open there.
/// </summary>
public static class SealedArtifact
{
    /// <summary>The length of the key that every tenant's key is derived from, in bytes: 32.</summary>
    public const int KeyLength = 32;

    private const int HashDigits = 64;
    private const byte Format = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
    private static readonly byte[] Purpose = Encoding.ASCII.GetBytes("countersign artifact key 1\0");

    /// <summary>A tenant's key (HKDF-SHA256, RFC 5869).</summary>
    /// <param name="key">The store's key, <see cref="KeyLength"/> bytes.</param>
    /// <param name="tenant">The tenant.</param>
    public static byte[] DeriveKey(byte[] key, string tenant) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: [.. Purpose, .. Encoding.UTF8.GetBytes(tenant)]);

    /// <summary>Seals content for one tenant and one hash.</summary>
    /// <param name="key">The tenant's key.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="hash">SHA-256 of the content, in lower-case hexadecimal.</param>
    /// <param name="content">The content.</param>
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

    /// <summary>Opens what was sealed.</summary>
    /// <param name="key">The tenant's key.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="hash">The hash that it is stored under.</param>
    /// <param name="bytes">What is stored.</param>
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

    /// <summary>Refuses what is not the hash of an artifact.</summary>
    /// <exception cref="ArgumentException">The hash is not 64 hexadecimal digits in lower case.</exception>
    public static void CheckHash(string hash)
    {
        if (hash is not { Length: HashDigits } || hash.AsSpan().ContainsAnyExcept(LowerHex))
        {
            throw new ArgumentException("A hash is 64 hexadecimal digits in lower case.", nameof(hash));
        }
    }

    private static byte[] Context(string tenant, string hash) => [Format, .. Encoding.ASCII.GetBytes(hash), .. Encoding.UTF8.GetBytes(tenant)];
}
