using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>What the runs of one tree share: the run that was started and all that it called, directly or not.</summary>
/// <param name="Runs">How many runs there have been, those that ended included.</param>
public sealed record TreeRow(int Runs)
{
    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, OrchestrationJson.Default.TreeRow);

    /// <summary>Reads a row's content.</summary>
    public static TreeRow From(Row row) => JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.TreeRow)!;
}
