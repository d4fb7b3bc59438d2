using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace Countersign.Bench;

/// <summary>
/// Counts which types are allocated, as the runtime samples it: one event for about every 100 KB. It gives shares, not exact figures.
/// </summary>
public sealed class AllocationTicks : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords Collections = (EventKeywords)1;
    private const int TypeName = 5;

    private readonly ConcurrentDictionary<string, int> ticks = new(StringComparer.Ordinal);

    /// <summary>Prints the types that were seen most often.</summary>
    /// <param name="most">How many types to print at most.</param>
    /// <param name="bytesPerStep">What a step allocates, to give each type its part of it.</param>
    public void Print(int most, double bytesPerStep)
    {
        var seen = ticks.ToArray();
        double all = seen.Sum(type => type.Value);
        foreach (var (type, count) in seen.OrderByDescending(type => type.Value).Take(most))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count / all * bytesPerStep,8:0} B/step  {count,6}  {type}"));
        }
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
        {
            EnableEvents(eventSource, EventLevel.Verbose, Collections);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) is true && eventData.Payload?[TypeName] is string type)
        {
            ticks.AddOrUpdate(type, 1, static (_, count) => count + 1);
        }
    }
}
