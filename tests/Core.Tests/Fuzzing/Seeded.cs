namespace Countersign.Core.Tests.Fuzzing;

/// <summary>A small generator of reproducible numbers (SplitMix64): the same seed gives the same inputs everywhere.</summary>
public struct Seeded(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, and without, <paramref name="max"/>, which is at least 1.</summary>
    public int Next(int max) => (int)(Next() % (ulong)max);

    /// <summary>So many bytes.</summary>
    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = (byte)Next();
        }

        return bytes;
    }
}
