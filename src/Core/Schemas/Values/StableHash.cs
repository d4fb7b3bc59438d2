using System.Buffers.Binary;

namespace Countersign.Schemas.Values;

/// <summary>A 64-bit hash that is the same in every process. Not against an adversary: whoever uses it pays for equal hashes in steps.</summary>
internal static class StableHash
{
    public const ulong Start = 0x9E3779B97F4A7C15;

    public static ulong Mix(ulong hash, ulong value)
    {
        ulong mixed = (hash ^ value) * 0xBF58476D1CE4E5B9;
        mixed ^= mixed >> 29;
        mixed *= 0x94D049BB133111EB;
        return mixed ^ (mixed >> 32);
    }

    public static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        hash = Mix(hash, (ulong)bytes.Length);
        while (bytes.Length >= 8)
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong tail = 0;
        foreach (byte unit in bytes)
        {
            tail = (tail << 8) | unit;
        }

        return Mix(hash, tail);
    }
}
