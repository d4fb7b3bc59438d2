namespace Countersign.Ledger;

/// <summary>What a verification found.</summary>
public sealed record VerifyReport
{
    /// <summary>True when nothing at all is wrong.</summary>
    public bool Intact => FaultCount == 0;

    /// <summary>Number of entries looked at.</summary>
    public required long Entries { get; init; }

    /// <summary>Number of entries whose payload has been erased. That is not a fault.</summary>
    public required long Erased { get; init; }

    /// <summary>Positions of the entries whose payload has been erased, at most the first <see cref="ChainVerifier.MaxFaults"/>.</summary>
    public IReadOnlyList<long> ErasedEntries { get; init; } = [];

    /// <summary>Position in the log of the first entry; 0 when there was none.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>Position in the log of the last entry that stood in its place; 0 when there was none.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Hash of that entry; the expected previous hash when there was none.</summary>
    public required Hash256 Head { get; init; }

    /// <summary>The RFC 6962 root over all entries of the log, where a tree was given and nothing is wrong.</summary>
    public Hash256? Root { get; init; }

    /// <summary>Number of faults, those included that <see cref="Faults"/> leaves out.</summary>
    public required long FaultCount { get; init; }

    /// <summary>The faults in the order in which they appear, at most <see cref="ChainVerifier.MaxFaults"/>.</summary>
    public required IReadOnlyList<VerifyFault> Faults { get; init; }
}
