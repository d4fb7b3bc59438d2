using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>
/// The row that decides who holds a lock. Whoever takes it, joins the line or passes it on changes this row at the version that they read, so that
/// there is never a second holder. It is there only while the lock is held or waited for.
/// </summary>
public sealed record LockRow
{
    /// <summary>The lock's name.</summary>
    public required string Name { get; init; }

    /// <summary>Who holds it; null where all who wait are parked or paused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockHolder? Holder { get; init; }

    /// <summary>The newest number in line, the holder's included.</summary>
    public required long Last { get; init; }

    /// <summary>Whether somebody before a holder was passed over, so that the line is not only behind the holder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PassedOver { get; init; }

    /// <summary>Whether nobody is in line, as far as can be told without looking.</summary>
    [JsonIgnore]
    public bool NobodyWaits => !PassedOver && Holder?.Number == Last;

    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.LockRow);

    /// <summary>Reads a row's content.</summary>
    public static LockRow From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.LockRow)!;
}

/// <summary>Who holds a lock.</summary>
/// <param name="Run">The run.</param>
/// <param name="Wait">The key of the wait by which it got the lock.</param>
/// <param name="StepId">The step, by its id in the definition.</param>
/// <param name="Number">The place in line that it had.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When the lock passes on at the latest.</param>
public sealed record LockHolder(string Run, string Wait, string StepId, long Number, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>A place in line.</summary>
/// <param name="Run">The run.</param>
/// <param name="Wait">The key of its wait.</param>
public sealed record LockPlace(string Run, string Wait)
{
    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.LockPlace);

    /// <summary>Reads a row's content.</summary>
    public static LockPlace From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.LockPlace)!;
}
