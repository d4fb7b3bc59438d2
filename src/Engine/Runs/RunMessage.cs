using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>What reaches a run in memory; handled one after the other.</summary>
internal enum RunMessageKind
{
    /// <summary>The run was loaded.</summary>
    Begin,

    /// <summary>An answer is on record; it comes from the journal, in the journal's order.</summary>
    Recorded,

    /// <summary>An activity came back with an answer that was on record before.</summary>
    Answer,

    /// <summary>An activity ended without an answer: the call waits.</summary>
    Parked,

    /// <summary>A call, or all of them, may have news.</summary>
    Poke,

    /// <summary>An activity ended in a way that it must not.</summary>
    Fault,
}

/// <summary>A message to a run in memory.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The call that it is about; null for all.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Error">What went wrong.</param>
internal readonly record struct RunMessage(RunMessageKind Kind, string? Key, CallAnswer? Answer, Exception? Error)
{
    /// <summary>The answer as it was recorded.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    public static RunMessage Begin => new(RunMessageKind.Begin, null, null, null);

    public static RunMessage Answered(CallAnswer answer) => new(RunMessageKind.Answer, answer.Key, answer, null);

    public static RunMessage Park(string key) => new(RunMessageKind.Parked, key, null, null);

    public static RunMessage Poke(string? key) => new(RunMessageKind.Poke, key, null, null);

    public static RunMessage Fault(string key, Exception error) => new(RunMessageKind.Fault, key, null, error);
}
