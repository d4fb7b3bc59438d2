using System.Collections.Immutable;

namespace Countersign.Checkpoints;

/// <summary>What became of a tenant's log in one round.</summary>
public enum SealResult
{
    /// <summary>A checkpoint was written.</summary>
    Sealed,

    /// <summary>There is no news since the newest checkpoint.</summary>
    Current,

    /// <summary>The log does not go on from what was signed before, or is not intact: nothing was signed.</summary>
    Refused,
}

/// <summary>What a sealer did for a tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Result">What it did.</param>
/// <param name="Newest">The newest checkpoint afterwards; null where there is none.</param>
/// <param name="Faults">Why it refused; empty otherwise.</param>
public sealed record SealOutcome(string Tenant, SealResult Result, Checkpoint? Newest, ImmutableArray<CheckpointFault> Faults);
