using System.Diagnostics;
using System.Globalization;

namespace Countersign.Bench;

/// <summary>Times a piece of work: warm-up, then the best and the median of several rounds, with bytes allocated.</summary>
internal static class Measure
{
    private const int Rounds = 7;

    /// <param name="name">What is printed in front.</param>
    /// <param name="unit">What is counted, such as entries or MB.</param>
    /// <param name="perCall">How many units one call does.</param>
    /// <param name="calls">How many calls make a round.</param>
    /// <param name="work">One call.</param>
    public static void Rate(string name, string unit, double perCall, int calls, Action work)
    {
        // Long enough for the runtime to have compiled what is hot for the second time.
        var warmUp = Stopwatch.StartNew();
        while (warmUp.Elapsed.TotalSeconds < 2)
        {
            work();
        }

        var seconds = new double[Rounds];
        var allocated = GC.GetTotalAllocatedBytes(true);
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < calls; i++)
            {
                work();
            }

            seconds[round] = watch.Elapsed.TotalSeconds;
        }

        var units = perCall * calls;
        var bytes = (GC.GetTotalAllocatedBytes(true) - allocated) / (units * Rounds);
        Array.Sort(seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-44} {units / seconds[Rounds / 2],14:N0} {unit}/s median {units / seconds[0],14:N0} best {bytes,12:N1} bytes allocated per {unit}"));
    }
}
