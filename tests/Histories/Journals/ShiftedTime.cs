namespace Countersign.Histories.Tests.Journals;

/// <summary>The system's clock, moved so that it begins at a given time. A journal that is years old is opened an hour after it was closed.</summary>
internal sealed class ShiftedTime(DateTimeOffset begin) : TimeProvider
{
    private readonly TimeSpan shift = begin - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
}
