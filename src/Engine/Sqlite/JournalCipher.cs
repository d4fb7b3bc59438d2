using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// Encrypts the values of rows and the answers of calls in a journal: AES-256-GCM (NIST SP 800-38D), with the place of the value authenticated.
/// Every opening of a journal derives a key of its own from the journal's key and a random salt (HKDF-SHA256), so that a counter is enough
/// for a nonce. Values that an older version wrote in clear are read as they are. Safe for concurrent use.
/// </summary>
/// <param name="key">The journal's key; null writes in clear.</param>
internal sealed class JournalCipher(byte[]? key) : IDisposable
{
    private const int SaltLength = 16;
    private const int CounterLength = 8;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int OnStack = 256;

    // No value of an older version begins like this: they are JSON.
    private static readonly byte[] Mark = [0, (byte)'c', (byte)'s', 1];
    private static readonly int HeaderLength = Mark.Length + SaltLength + CounterLength + TagLength;
    private static readonly byte[] Purpose = Encoding.ASCII.GetBytes("countersign journal key 1\0");

    private readonly ConcurrentDictionary<UInt128, ThreadLocal<AesGcm>> keys = new();
    private readonly byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
    private long counter;

    /// <summary>Tells one key from another without showing it; null where there is none.</summary>
    public long? Fingerprint { get; } = key is null
        ? null
        : BinaryPrimitives.ReadInt64LittleEndian(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, sizeof(long), info: "countersign journal fingerprint 1"u8.ToArray()));

    /// <summary>Encrypts a value for its place.</summary>
    public ReadOnlyMemory<byte> Encrypt(ReadOnlyMemory<byte> value, string place, string further = "")
    {
        if (key is null)
        {
            return value;
        }

        var stored = new byte[HeaderLength + value.Length];
        Mark.CopyTo(stored, 0);
        salt.CopyTo(stored, Mark.Length);
        Span<byte> nonce = stackalloc byte[NonceLength];
        BinaryPrimitives.WriteInt64BigEndian(nonce[^CounterLength..], Interlocked.Increment(ref counter));
        nonce[^CounterLength..].CopyTo(stored.AsSpan(Mark.Length + SaltLength));
        Span<byte> bytes = stackalloc byte[OnStack];
        Cipher(salt).Encrypt(nonce, value.Span, stored.AsSpan(HeaderLength), stored.AsSpan(HeaderLength - TagLength, TagLength), Context(place, further, bytes));
        return stored;
    }

    /// <summary>Reads a value, encrypted or in clear.</summary>
    /// <exception cref="JournalKeyException">It was encrypted with another key, for another place, or was changed.</exception>
    public byte[] Read(ReadOnlySpan<byte> stored, string place, string further = "")
    {
        if (!stored.StartsWith(Mark) || stored.Length < HeaderLength)
        {
            return stored.ToArray();
        }

        if (key is null)
        {
            throw new JournalKeyException("a value is encrypted, and the journal was opened without its key");
        }

        var value = new byte[stored.Length - HeaderLength];
        Span<byte> nonce = stackalloc byte[NonceLength];
        stored.Slice(Mark.Length + SaltLength, CounterLength).CopyTo(nonce[^CounterLength..]);
        Span<byte> bytes = stackalloc byte[OnStack];
        try
        {
            Cipher(stored.Slice(Mark.Length, SaltLength))
                .Decrypt(nonce, stored[HeaderLength..], stored.Slice(HeaderLength - TagLength, TagLength), value, Context(place, further, bytes));
            return value;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new JournalKeyException("a value cannot be decrypted: it was changed, or moved from another place");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var perThread in keys.Values)
        {
            foreach (var cipher in perThread.Values)
            {
                cipher.Dispose();
            }

            perThread.Dispose();
        }
    }

    // One instance serves one thread at a time.
    private AesGcm Cipher(ReadOnlySpan<byte> of) => keys.GetOrAdd(BinaryPrimitives.ReadUInt128BigEndian(of), static (number, root) =>
    {
        var info = new byte[Purpose.Length + SaltLength];
        Purpose.CopyTo(info, 0);
        BinaryPrimitives.WriteUInt128BigEndian(info.AsSpan(Purpose.Length), number);
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, root, root.Length, info: info);
        return new ThreadLocal<AesGcm>(() => new AesGcm(derived, TagLength), trackAllValues: true);
    }, key!).Value!;

    private static ReadOnlySpan<byte> Context(string place, string further, Span<byte> room)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(place.Length + further.Length + 1);
        var bytes = longest <= room.Length ? room : new byte[longest];
        var length = Encoding.UTF8.GetBytes(place, bytes);
        bytes[length++] = 0;
        return bytes[..(length + Encoding.UTF8.GetBytes(further, bytes[length..]))];
    }
}
