namespace Countersign.Engine.Runs;

/// <summary>How much the embedded engine does at a time.</summary>
public sealed record EmbeddedEngineOptions
{
    /// <summary>How many executions with outside effects run at a time, over all tenants. Default 64, 1 to 10,000.</summary>
    public int MaxExecutions { get; init; } = 64;

    /// <summary>How many runs may be in memory at a time; a start beyond it stays queued. Waiting runs cost only rows. Default 20,000, at least 1.</summary>
    public int MaxRuns { get; init; } = 20_000;

    /// <summary>How often the due rows are looked at when nothing wakes the engine earlier. Default 5 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After how many answers a run hands over its state, so that loading it does not replay all of its past. Default 2,000, at least 1.</summary>
    public int ContinueAsNewAfter { get; init; } = 2_000;
}
