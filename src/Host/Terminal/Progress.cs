using System.Diagnostics;
using System.Globalization;

namespace Countersign.Host.Terminal;

/// <summary>
/// Says on standard error how far long work has come: a line that is written over at a terminal, a new line every 10 seconds elsewhere. Work that ends
/// within a second says nothing. Safe for concurrent use.
/// </summary>
/// <param name="what">What is counted.</param>
/// <param name="all">How many there are.</param>
internal sealed class Progress(string what, long all) : IDisposable
{
    private static readonly bool AtTerminal = !Console.IsErrorRedirected;
    private static readonly TimeSpan Between = AtTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);

    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Lock writing = new();
    private TimeSpan next = AtTerminal ? TimeSpan.FromSeconds(1) : Between;
    private bool said;

    /// <summary>Tells how many are done.</summary>
    public void Report(long done)
    {
        if (Stopwatch.GetElapsedTime(began) < next)
        {
            return;
        }

        lock (writing)
        {
            var now = Stopwatch.GetElapsedTime(began);
            if (now < next)
            {
                return;
            }

            (next, said) = (now + Between, true);
            var line = string.Create(CultureInfo.InvariantCulture, $"  {done:N0} of {all:N0} {what}, {100.0 * done / Math.Max(all, 1):0} %");
            Console.Error.Write(AtTerminal ? $"\r{line}\e[K" : line + Environment.NewLine);
        }
    }

    /// <summary>Leaves the terminal as it was.</summary>
    public void Dispose()
    {
        if (said && AtTerminal)
        {
            Console.Error.Write("\r\e[K");
        }
    }
}
