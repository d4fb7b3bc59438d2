using System.Buffers;
using System.Security.Cryptography;
using Countersign.Ledger;

namespace Countersign.Canonical;

/// <summary>Names content by what it is: SHA-256 over its bytes.</summary>
/// <param name="Sha256">The hash; its text form is 64 lower-case hexadecimal digits.</param>
/// <param name="Length">Length of the content in bytes.</param>
public readonly record struct ContentHash(Hash256 Sha256, long Length)
{
    private const int BufferLength = 64 * 1024;

    /// <summary>The hash in 64 lower-case hexadecimal digits.</summary>
    public string Hex => Sha256.ToString();

    /// <summary>Reads a stream to its end, copying it on the way, in 64 KiB of memory whatever its length.</summary>
    /// <param name="source">Read from where it stands; not closed.</param>
    /// <param name="destination">Receives the same bytes; not closed and not flushed. Null only hashes.</param>
    /// <param name="maxLength">The most bytes to accept; no limit by default.</param>
    /// <param name="cancellation">Ends the copy; what was written until then stays.</param>
    /// <exception cref="ContentTooLongException">The source holds more than <paramref name="maxLength"/> bytes.</exception>
    public static async Task<ContentHash> OfAsync(
        Stream source, Stream? destination, long maxLength = long.MaxValue, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var length = 0L;
            int read;
            while ((read = await source.ReadAsync(buffer.AsMemory(0, BufferLength), cancellation)) > 0)
            {
                length += read;
                if (length > maxLength)
                {
                    throw new ContentTooLongException(maxLength);
                }

                hash.AppendData(buffer, 0, read);
                if (destination is not null)
                {
                    await destination.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
            }

            return new ContentHash(new Hash256(hash.GetHashAndReset()), length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
