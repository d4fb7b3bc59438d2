using System.Security.Cryptography;

namespace Countersign.Ledger;

/// <summary>
/// <c>SHA-256(salt ‖ payload)</c>. The salt keeps an erased payload from being guessed: with both gone, the hash in the
/// entry says nothing.
/// </summary>
public static class PayloadHash
{
    /// <summary>Length of a salt in bytes: 16, drawn at random for each entry.</summary>
    public const int SaltLength = 16;

    private const int OnStack = 1024;

    /// <summary>Hashes salt and payload.</summary>
    /// <param name="salt">Exactly 16 bytes.</param>
    /// <param name="payload">The payload's bytes as stored.</param>
    /// <exception cref="ArgumentException">The salt does not have 16 bytes.</exception>
    public static Hash256 Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        if (salt.Length != SaltLength)
        {
            throw new ArgumentException($"A salt has {SaltLength} bytes, not {salt.Length}.", nameof(salt));
        }

        return payload.Length <= OnStack - SaltLength ? OfSmall(salt, payload) : OfLarge(salt, payload);
    }

    private static Hash256 OfSmall(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        Span<byte> joined = stackalloc byte[OnStack];
        salt.CopyTo(joined);
        payload.CopyTo(joined[SaltLength..]);
        return Hash256.Of(joined[..(SaltLength + payload.Length)]);
    }

    private static Hash256 OfLarge(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(payload);
        Span<byte> digest = stackalloc byte[Hash256.Length];
        hash.GetHashAndReset(digest);
        return new Hash256(digest);
    }
}
