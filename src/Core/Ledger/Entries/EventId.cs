using System.Globalization;

namespace Countersign.Ledger;

/// <summary>
/// Builds the deterministic ids by which a repeated commit is recognised. Parts are joined with <c>/</c>; within a part
/// <c>%</c> is written <c>%25</c> and <c>/</c> is written <c>%2F</c>, so that different parts never give the same id.
/// </summary>
public static class EventId
{
    private const string OutsideRuns = "x";

    /// <summary>The id of an event within a run: <c>run/path/visit/attempt/execution/kind[/discriminator]</c>.</summary>
    /// <param name="run">The run's id. A run whose id is <c>x</c> is refused: that prefix marks events outside runs.</param>
    /// <param name="path">The step's path; empty for an event of the run as a whole.</param>
    /// <param name="visit">How often a loop has come here, from 1; 0 where it does not apply.</param>
    /// <param name="attempt">The attempt under the step's retry policy, from 1; 0 where it does not apply.</param>
    /// <param name="execution">The delivery that did the effect, from 1; 0 where it does not apply.</param>
    /// <param name="kind">The event's type, or a finer kind.</param>
    /// <param name="discriminator">What tells several of a kind apart, such as a vote's decider; null when there is only one.</param>
    /// <exception cref="ArgumentException">The run or the kind is empty, or the run is <c>x</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static string InRun(
        string run, string path, int visit, int attempt, int execution, string kind, string? discriminator = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentOutOfRangeException.ThrowIfNegative(visit);
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        ArgumentOutOfRangeException.ThrowIfNegative(execution);
        if (run == OutsideRuns)
        {
            throw new ArgumentException("The run id x is kept for events outside runs.", nameof(run));
        }

        var id = string.Create(
            CultureInfo.InvariantCulture,
            $"{Escape(run)}/{Escape(path)}/{visit}/{attempt}/{execution}/{Escape(kind)}");
        return discriminator is null ? id : id + "/" + Escape(discriminator);
    }

    /// <summary>The id of an event outside runs: <c>x/key/kind</c>.</summary>
    /// <param name="key">The request's id, or its idempotency key.</param>
    /// <param name="kind">The event's type, or a finer kind.</param>
    /// <exception cref="ArgumentException">The key or the kind is empty.</exception>
    public static string Outside(string key, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        return OutsideRuns + "/" + Escape(key) + "/" + Escape(kind);
    }

    // The percent sign first, or the escapes of slashes would be escaped again.
    private static string Escape(string part) =>
        part.AsSpan().IndexOfAny('%', '/') < 0
            ? part
            : part.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
}
