namespace Countersign.Ledger;

/// <summary>What can be wrong with a log; each has a page in docs/errors.</summary>
public static class VerifyFaultCodes
{
    /// <summary>The bytes are not an entry.</summary>
    public const string Malformed = "log.malformed";

    /// <summary>The entry belongs to another tenant's log.</summary>
    public const string ForeignTenant = "log.foreign-tenant";

    /// <summary>Entries are missing, and do not come later either.</summary>
    public const string SequenceGap = "log.sequence-gap";

    /// <summary>All entries are there, but not in their order.</summary>
    public const string Reordered = "log.reordered";

    /// <summary>A position comes twice.</summary>
    public const string Duplicate = "log.duplicate";

    /// <summary>The entry does not follow on the bytes before it: one of the two was changed.</summary>
    public const string HashMismatch = "log.hash-mismatch";

    /// <summary>Salt and payload are not those that were hashed into the entry.</summary>
    public const string PayloadMismatch = "log.payload-mismatch";

    /// <summary>The log ends before the place where it is known to end.</summary>
    public const string Truncated = "log.truncated";

    /// <summary>An entry that is known from elsewhere has another hash here: another history.</summary>
    public const string HeadMismatch = "log.head-mismatch";
}
