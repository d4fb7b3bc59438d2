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
}
