using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Engine.Sqlite;

/// <summary>How tenants, runs, events and calls are named inside the journal: short, and in an order that suits its indexes.</summary>
internal static class JournalKeys
{
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private const int RunDigits = 32;
    private const int OnStack = 2304;

    /// <summary>Binds a run's id: its 16 bytes where it is 32 lower-case hexadecimal digits, else its text. The two never compare as equal.</summary>
    public static Statement BindRun(this Statement statement, int index, string run)
    {
        Span<byte> bytes = stackalloc byte[RunDigits / 2];
        return run.Length == RunDigits && !run.AsSpan().ContainsAnyExcept(LowerHex)
            && Convert.FromHexString(run, bytes, out _, out _) == OperationStatus.Done
            ? statement.Bind(index, bytes)
            : statement.Bind(index, run);
    }

    /// <summary>
    /// What an event is recognised by: 16 bytes of SHA-256 over tenant and event id. The tenant is inside, so that the index
    /// has one growing edge for all tenants, and two tenants may use one id.
    /// </summary>
    public static UInt128 Event(string tenant, string eventId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HashPair(tenant, eventId, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>What a call is looked up by, within its run. Two calls may share it: whoever finds one compares the keys.</summary>
    public static long Call(string tenant, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HashPair(tenant, key, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    private static void HashPair(string tenant, string text, Span<byte> hash)
    {
        var bound = sizeof(ushort) + Encoding.UTF8.GetMaxByteCount(tenant.Length) + Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = bound <= OnStack ? stackalloc byte[OnStack] : new byte[bound];
        var first = Encoding.UTF8.GetBytes(tenant, buffer[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)first);
        var second = Encoding.UTF8.GetBytes(text, buffer[(sizeof(ushort) + first)..]);
        SHA256.HashData(buffer[..(sizeof(ushort) + first + second)], hash);
    }
}
