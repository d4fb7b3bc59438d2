using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>What a due row is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DueKind>))]
public enum DueKind
{
    /// <summary>A queued run that has not been claimed.</summary>
    Start,

    /// <summary>A wait whose deadline has come.</summary>
    Expire,

    /// <summary>A wait whose people shall be reminded.</summary>
    Remind,

    /// <summary>A wait that shall be escalated.</summary>
    Escalate,

    /// <summary>A child run whose time is up.</summary>
    Limit,

    /// <summary>A lock that was held for as long as its holder may.</summary>
    Unlock,

    /// <summary>A wait that was decided, or a run that was asked something: the poke may have been lost.</summary>
    Poke,

    /// <summary>An event that no step took in time: <see cref="DueReason.Wait"/> is the key of its row.</summary>
    DropEvent,

    /// <summary>A row whose time to be kept is over: <see cref="DueReason.Wait"/> is its key, and it belongs to no run.</summary>
    Forget,
}

/// <summary>The content of a due row; when is in its key.</summary>
/// <param name="Kind">What for.</param>
/// <param name="Run">Which run.</param>
/// <param name="Wait">Which wait of it, if any; the key of the row that is forgotten.</param>
public sealed record DueReason(DueKind Kind, string Run, string? Wait = null)
{
    /// <summary>When it was due first, where it was postponed; null where the key tells.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Since { get; init; }

    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.DueReason);

    /// <summary>Reads a row's content.</summary>
    public static DueReason From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.DueReason)!;
}
