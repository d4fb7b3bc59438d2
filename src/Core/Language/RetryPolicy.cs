namespace Countersign.Language;

/// <summary>How the delay grows from one attempt to the next.</summary>
public enum Backoff
{
    /// <summary>Always the initial delay.</summary>
    Fixed,

    /// <summary>The initial delay times the number of failed attempts.</summary>
    Linear,

    /// <summary>The initial delay, doubled with every failed attempt.</summary>
    Exponential,
}

/// <summary>How often, and after which delays, a step that failed in a retryable way is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>One attempt and no retry.</summary>
    public static readonly RetryPolicy None = new() { Attempts = 1 };

    /// <summary>Attempts in all, the first included; 1 to 100, default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>How the delay grows; default exponential.</summary>
    public Backoff Backoff { get; init; } = Backoff.Exponential;

    /// <summary>Delay after the first failed attempt; 0 to 1 hour, default 1 s.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay, before jitter; up to 24 hours, default 30 s.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Fraction of each delay that chance may take off; 0 to 1, default 0.1. It spreads the retries of many runs.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>The delay before the next attempt, with what chance takes off.</summary>
    /// <param name="failedAttempts">How many attempts have failed, from 1.</param>
    /// <param name="chance">From 0 to 1: how much of the jitter is taken.</param>
    public TimeSpan DelayAfter(int failedAttempts, double chance) => DelayAfter(failedAttempts) * (1 - (Jitter * chance));

    /// <summary>The delay before the next attempt, without jitter.</summary>
    /// <param name="failedAttempts">Attempts that have failed so far, from 1.</param>
    public TimeSpan DelayAfter(int failedAttempts)
    {
        double factor = Backoff switch
        {
            Backoff.Fixed => 1,
            Backoff.Linear => failedAttempts,
            _ => Math.Pow(2, Math.Min(failedAttempts - 1, 60)),
        };
        double ticks = Initial.Ticks * factor;
        return ticks >= Max.Ticks ? Max : TimeSpan.FromTicks((long)ticks);
    }
}

/// <summary>What steps use that do not say otherwise themselves.</summary>
public sealed record StepDefaults
{
    /// <summary>Nothing declared.</summary>
    public static readonly StepDefaults None = new();

    /// <summary>Retry policy of every step that retries; null for <see cref="RetryPolicy.None"/>.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Time limit of every step that has one; null for the kind's own default.</summary>
    public TimeSpan? Timeout { get; init; }
}
