using System.Security.Cryptography;
using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>Random salts, drawn from the system 256 at a time for each thread: one call for each would cost more than the hash it is for.</summary>
internal static class SaltSource
{
    private const int Salts = 256;

    [ThreadStatic]
    private static byte[]? _buffer;

    [ThreadStatic]
    private static int _used;

    /// <summary>The next salt, never given out again.</summary>
    public static UInt128 Next()
    {
        if (_buffer is null || _used == _buffer.Length)
        {
            _buffer ??= new byte[Salts * PayloadHash.SaltLength];
            RandomNumberGenerator.Fill(_buffer);
            _used = 0;
        }

        var salt = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(_buffer.AsSpan(_used));
        _used += PayloadHash.SaltLength;
        return salt;
    }
}
