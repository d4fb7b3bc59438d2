using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>One delivery of a call by an engine. The same call may be delivered again after a crash, with another nonce.</summary>
public sealed record Delivery
{
    /// <summary>The run.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>One value per delivery.</summary>
    public required string Nonce { get; init; }

    /// <summary>Whether <see cref="Known"/> is all there is on record, so that the ledger need not be asked.</summary>
    public bool IsKnown { get; init; }

    /// <summary>What is on record, where <see cref="IsKnown"/>.</summary>
    public CallRecord? Known { get; init; }

    /// <summary>The run's flags where the engine has them at hand; null asks the ledger.</summary>
    public Func<RunFlags>? Flags { get; init; }

    /// <summary>
    /// Waits for the engine's leave to begin a call with outside effects, which is given back by disposing of it; null where the engine bounds none. Throws
    /// <see cref="OperationCanceledException"/> where its token fires, or the run is canceled, before.
    /// </summary>
    public Func<CancellationToken, ValueTask<IDisposable>>? Slot { get; init; }

    /// <summary>Fires where the run was canceled while a call with outside effects was in flight, and the call had its grace: it is cut off.</summary>
    public CancellationToken Abort { get; init; }
}
