using Countersign.Ledger;
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
/// <param name="Content">The answer, as it is or as the bytes that were recorded; or what went wrong.</param>
internal readonly record struct RunMessage(RunMessageKind Kind, string? Key, object? Content)
{
    /// <summary>The answer.</summary>
    public CallAnswer Answer => Content as CallAnswer ?? CallAnswer.From((ReadOnlyMemory<byte>)Content!);

    /// <summary>What went wrong.</summary>
    public Exception Error => (Exception)Content!;

    public static RunMessage Begin => new(RunMessageKind.Begin, null, null);

    /// <summary>An answer that was recorded: what it was written from, where that is at hand.</summary>
    public static RunMessage Recorded(CallRecord call) => new(RunMessageKind.Recorded, call.Key, call.Written as CallAnswer ?? (object)call.Answer!.Value);

    public static RunMessage Answered(CallAnswer answer) => new(RunMessageKind.Answer, answer.Key, answer);

    public static RunMessage Park(string key) => new(RunMessageKind.Parked, key, null);

    public static RunMessage Poke(string? key) => new(RunMessageKind.Poke, key, null);

    public static RunMessage Fault(string key, Exception error) => new(RunMessageKind.Fault, key, error);
}
