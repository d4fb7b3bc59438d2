namespace Countersign.Ledger;

/// <summary>An entry read in place: every text is a slice of the entry's own bytes, so that reading allocates nothing.</summary>
public readonly ref struct EntryView
{
    /// <summary>Tenant, UTF-8.</summary>
    public ReadOnlySpan<byte> Tenant { get; init; }

    /// <summary>Position in the log, from 1.</summary>
    public long Sequence { get; init; }

    /// <summary>Hash of the entry before.</summary>
    public Hash256 PreviousHash { get; init; }

    /// <summary>Microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Time { get; init; }

    /// <summary>Event id, UTF-8.</summary>
    public ReadOnlySpan<byte> EventId { get; init; }

    /// <summary>Type, ASCII.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>Actor, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Actor { get; init; }

    /// <summary>Run, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Run { get; init; }

    /// <summary>Step, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Step { get; init; }

    /// <summary>Correlation id, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> CorrelationId { get; init; }

    /// <summary>Transaction id, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> TransactionId { get; init; }

    /// <summary>SHA-256 over salt and payload.</summary>
    public Hash256 PayloadHash { get; init; }
}
