namespace Countersign.Api.Limits;

/// <summary>How much one caller may ask of the HTTP interface. Everything is counted per host, in memory.</summary>
public sealed record ApiLimits
{
    /// <summary>How many requests a second one user may make over a longer time. Default 500; 0 sets no limit.</summary>
    public int RequestsPerSecond { get; init; } = 500;

    /// <summary>How many requests one user may make at once after a quiet time. Default 2,000, at least <see cref="RequestsPerSecond"/>.</summary>
    public int Burst { get; init; } = 2_000;

    /// <summary>
    /// How many reads that compute much (a run's context, usage, a verification of the log) run at a time for one tenant; further ones wait. Default
    /// half the processors, at least 1; 0 sets no limit.
    /// </summary>
    public int HeavyReads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many such reads of one tenant may wait; further ones are refused. Default 32.</summary>
    public int HeavyReadsWaiting { get; init; } = 32;

    /// <summary>How many starts of runs are written at a time for one tenant; further ones wait. Default 8; 0 sets no limit.</summary>
    public int Starts { get; init; } = 8;

    /// <summary>How many starts of one tenant may wait; further ones are refused. Default 1,000.</summary>
    public int StartsWaiting { get; init; } = 1_000;

    /// <summary>How many event streams and exports one user may have open. Default 100; 0 sets no limit.</summary>
    public int Streams { get; init; } = 100;
}

/// <summary>What an operation costs the host, besides the request itself.</summary>
internal enum Cost
{
    /// <summary>Little: a few rows.</summary>
    Light,

    /// <summary>It computes over much of a run or a log.</summary>
    Heavy,

    /// <summary>It writes a run and what belongs to it. The endpoint takes the turn itself, because what follows may wait long.</summary>
    Start,

    /// <summary>It stays open for as long as its reader likes.</summary>
    Stream,
}
