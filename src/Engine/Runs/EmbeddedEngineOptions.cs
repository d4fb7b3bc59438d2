namespace Countersign.Engine.Runs;

/// <summary>How much the embedded engine does at a time.</summary>
public sealed record EmbeddedEngineOptions
{
    /// <summary>The most that <see cref="MaxExecutions"/> may be: 10,000.</summary>
    public const int HighestExecutions = 10_000;

    /// <summary>
    /// How many executions with outside effects run at a time, over all tenants. Default 64, 1 to 10,000. A tenant that has none in flight gets its
    /// first one beyond this number, up to twice as many.
    /// </summary>
    public int MaxExecutions { get; init; } = 64;

    /// <summary>
    /// How many of them one tenant may have in flight while no other tenant has any; the more are in flight, the fewer it may have. 1 to
    /// <see cref="MaxExecutions"/>; 0, the default, for three quarters of it.
    /// </summary>
    public int MaxExecutionsPerTenant { get; init; }

    /// <summary>
    /// How many runs are loaded, or read and write the ledger for a step without outside effects, at a time, over all tenants. Further ones take their turn,
    /// fairly between tenants, so that a flood of runs delays its own tenant. Default 64, at least 4.
    /// </summary>
    public int MaxTurns { get; init; } = 64;

    /// <summary>How long an execution may continue after its run was canceled before it is cut off and its outcome is unknown. Default 10 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many runs may be in memory at a time, and three quarters of them of one tenant; a start beyond it stays queued. A tenant without a run in memory
    /// gets its first one in any case. Waiting runs cost only rows. Default 20,000, at least 1.
    /// </summary>
    public int MaxRuns { get; init; } = 20_000;

    /// <summary>
    /// How many open runs of one tree are taken up when the engine starts. A larger tree, which a version without limits may have left, is suspended instead, so
    /// that it does not keep the host from working. Default 10,000, at least 1.
    /// </summary>
    public int MaxOpenRunsPerTree { get; init; } = 10_000;

    /// <summary>How often the due rows are looked at when nothing wakes the engine earlier. Default 5 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After how many answers a run hands over its state, so that loading it does not replay all of its past. Default 2,000, at least 1.</summary>
    public int ContinueAsNewAfter { get; init; } = 2_000;

    /// <summary>How many runs one tenant may have in memory.</summary>
    internal int RunShare => Math.Max(1, MaxRuns * 3 / 4);

    /// <summary>How many executions one tenant may have in flight while it is alone.</summary>
    internal int TenantShare => MaxExecutionsPerTenant == 0 ? Math.Max(1, MaxExecutions * 3 / 4) : Math.Min(MaxExecutionsPerTenant, MaxExecutions);
}
