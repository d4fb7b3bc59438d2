namespace Countersign.Api.Tests;

/// <summary>The system's clock, which can be moved ahead.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long ahead;

    /// <summary>Moves it ahead.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ahead));

    public override long GetTimestamp() => System.GetTimestamp() + (Interlocked.Read(ref ahead) * (System.TimestampFrequency / TimeSpan.TicksPerSecond));

    public override long TimestampFrequency => System.TimestampFrequency;
}
