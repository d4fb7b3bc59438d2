namespace Countersign.Ledger;

/// <summary>
/// One entry of a tenant's log, as its bytes say it (format 1, docs/log-format.md). An empty text means that the field
/// does not apply.
/// </summary>
public sealed record LogEntry
{
    /// <summary>The tenant whose log this is. 1 to 128 bytes of UTF-8.</summary>
    public required string Tenant { get; init; }

    /// <summary>Position in the tenant's log, from 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of the entry before; 32 zero bytes for the first.</summary>
    public required Hash256 PreviousHash { get; init; }

    /// <summary>Microseconds since 1970-01-01T00:00:00Z. 0 to 253402300799999999 (the end of the year 9999).</summary>
    public required long Time { get; init; }

    /// <summary>What makes a repeat of the same event recognisable; see <see cref="Ledger.EventId"/>. 1 to 2,048 bytes.</summary>
    public required string EventId { get; init; }

    /// <summary>What happened, <c>noun.verb</c>; see <see cref="EventTypes"/>. 3 to 64 bytes.</summary>
    public required string Type { get; init; }

    /// <summary>Who did it: an opaque id, never a name or an address. At most 256 bytes.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The run it belongs to. At most 256 bytes.</summary>
    public string Run { get; init; } = "";

    /// <summary>The path of the step it belongs to. At most 1,024 bytes.</summary>
    public string Step { get; init; } = "";

    /// <summary>What ties it to a caller's own records. At most 256 bytes.</summary>
    public string CorrelationId { get; init; } = "";

    /// <summary>The root run of a tree of runs, or the request. At most 256 bytes.</summary>
    public string TransactionId { get; init; } = "";

    /// <summary>SHA-256 over salt and payload; see <see cref="Ledger.PayloadHash"/>.</summary>
    public required Hash256 PayloadHash { get; init; }
}
