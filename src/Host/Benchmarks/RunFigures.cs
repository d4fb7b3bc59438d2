using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Host.Benchmarks;

/// <summary>What a number of runs cost, whole process.</summary>
internal sealed record RunFigures
{
    /// <summary>How many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>From the first start to the last end.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Processor time, of all threads.</summary>
    public required TimeSpan Cpu { get; init; }

    /// <summary>Bytes allocated.</summary>
    public required long Allocated { get; init; }

    /// <summary>Transactions, each with one fsync.</summary>
    public required long Commits { get; init; }

    /// <summary>Log entries.</summary>
    public required long Entries { get; init; }

    /// <summary>Rows of the journal written, log entries among them.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of content written, without the store's own.</summary>
    public required long Bytes { get; init; }

    /// <summary>Milliseconds from the start of a run to its end, sorted.</summary>
    public required ImmutableArray<double> Took { get; init; }

    /// <summary>The figures as lines of a table, for a number of steps in each run.</summary>
    public IEnumerable<string> Lines(double steps)
    {
        var all = Runs * steps;
        yield return Line("runs", $"{Runs:N0} in {Elapsed.TotalSeconds:0.00} s: {Runs / Elapsed.TotalSeconds:N0} a second, {all / Elapsed.TotalSeconds:N0} steps a second");
        yield return Line("a run takes", $"{At(0.5):0.0} ms at the median, {At(0.95):0.0} ms at the 95th percentile, {At(0.99):0.0} ms at the 99th");
        yield return Line("a step costs", $"{Cpu.TotalMicroseconds / all:N0} µs of processor time, {Allocated / all:N0} bytes allocated");
        yield return Line("written", $"{Rows / all:0.0} rows and {Bytes / all:N0} bytes a step, {Entries / (double)Runs:0.0} log entries a run");
        yield return Line("commits", $"{Commits:N0}, each with one fsync: {Runs / (double)Commits:0.0} runs for each");
    }

    /// <summary>Milliseconds that a share of the runs, 0 to 1, took at most.</summary>
    public double At(double share) => Took[(int)Math.Min(Took.Length - 1, share * Took.Length)];

    private static string Line(string name, FormattableString figures) => $"{name,-13}{figures.ToString(CultureInfo.InvariantCulture)}";
}
