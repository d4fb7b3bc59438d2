using System.Security.Cryptography;

namespace Countersign.Azure.Ledger;

/// <summary>By what writers wait: a simulation has another clock, another scheduler and numbers of its own.</summary>
internal sealed record WriterPace
{
    /// <summary>The clock of pauses and time-outs, which is not the one that entries get their time from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the writers' work runs.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>A number from 0 up to and without a bound.</summary>
    public Func<int, int> Draw { get; init; } = RandomNumberGenerator.GetInt32;
}
