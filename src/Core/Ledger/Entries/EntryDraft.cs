namespace Countersign.Ledger;

/// <summary>
/// What a caller wants written. Tenant, sequence, previous hash, time and salt are given by the store that appends it.
/// The limits of the texts are those of <see cref="LogEntry"/>.
/// </summary>
public sealed record EntryDraft
{
    /// <summary>Deterministic id, so that a repeat of the same commit is recognised; see <see cref="Ledger.EventId"/>.</summary>
    public required string EventId { get; init; }

    /// <summary>What happened; see <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Who did it: an opaque id. Empty when nobody did.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The run it belongs to, or empty.</summary>
    public string Run { get; init; } = "";

    /// <summary>The path of the step it belongs to, or empty.</summary>
    public string Step { get; init; } = "";

    /// <summary>What ties it to a caller's own records, or empty.</summary>
    public string CorrelationId { get; init; } = "";

    /// <summary>The root run of a tree of runs, or the request; or empty.</summary>
    public string TransactionId { get; init; } = "";

    /// <summary>Canonical JSON (RFC 8785), already redacted. At least one byte: an entry with nothing to say carries <c>{}</c>.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}
