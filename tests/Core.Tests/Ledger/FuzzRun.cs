using System.Diagnostics;
using System.Globalization;
using Countersign.Core.Tests.Fuzzing;

namespace Countersign.Core.Tests.Ledger;

/// <summary>
/// Runs a fuzz target: a fixed number of rounds, or for COUNTERSIGN_FUZZ_SECONDS where that is set. A round that fails
/// names its seed.
/// </summary>
internal static class FuzzRun
{
    public static long Rounds(int rounds, Action<Seeded> round)
    {
        var text = Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SECONDS");
        var seconds = text is null ? 0 : int.Parse(text, CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        var seed = 0UL;
        for (; seconds == 0 ? seed < (ulong)rounds : watch.Elapsed.TotalSeconds < seconds; seed++)
        {
            try
            {
                round(new Seeded(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Fuzz round with seed {seed} failed: {error.Message}", error);
            }
        }

        return (long)seed;
    }

    /// <summary>Changes, removes, doubles or inserts a few bytes.</summary>
    public static byte[] Mutate(byte[] bytes, ref Seeded random)
    {
        var list = bytes.ToList();
        for (var change = random.Next(4); change >= 0 && list.Count > 0; change--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(5))
            {
                case 0:
                    list[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    list[at] = (byte)random.Next();
                    break;
                case 2:
                    list.RemoveRange(at, Math.Min(1 + random.Next(4), list.Count - at));
                    break;
                case 3:
                    list.Insert(at, (byte)random.Next());
                    break;
                default:
                    list.InsertRange(at, list.GetRange(at, Math.Min(1 + random.Next(8), list.Count - at)));
                    break;
            }
        }

        return [.. list];
    }
}
