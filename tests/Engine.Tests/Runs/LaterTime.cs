namespace Countersign.Engine.Tests.Runs;

/// <summary>The system's clock, ahead by some time.</summary>
internal sealed class LaterTime(TimeSpan ahead) : TimeProvider
{
    public TimeSpan Ahead { get; set; } = ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
