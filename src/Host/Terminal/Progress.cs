using System.Diagnostics;

namespace Countersign.Host.Terminal;

/// <summary>
/// Reports the progress of long work on standard error: one line that is overwritten at a terminal, a new line every 10 seconds elsewhere. Work
/// that ends within a second reports nothing. Safe for concurrent use.
/// </summary>
/// <param name="what">What is counted.</param>
/// <param name="all">How many there are.</param>
internal sealed class Progress(string what, long all) : IDisposable
{
    private static readonly bool AtTerminal = Screen.ErrorIsTerminal;
    private static readonly TimeSpan Between = AtTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);

    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Lock writing = new();
    private TimeSpan next = AtTerminal ? TimeSpan.FromSeconds(1) : Between;
    private bool said;

    /// <summary>Reports how many are done.</summary>
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
            Tell($"  {done:N0} of {all:N0} {what}, {100.0 * done / Math.Max(all, 1):0} %");
        }
    }

    /// <summary>Leaves the terminal as it was.</summary>
    public void Dispose()
    {
        if (said && AtTerminal)
        {
            Screen.Rewrite($"");
        }
    }

    private static void Tell(TerminalLine line)
    {
        if (AtTerminal)
        {
            Screen.Rewrite(line);
        }
        else
        {
            Screen.ErrorLine(line);
        }
    }
}
