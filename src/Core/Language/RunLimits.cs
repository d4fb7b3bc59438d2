using System.Text.Json.Serialization;

namespace Countersign.Language;

/// <summary>How large a run may become. A definition declares it for the runs that are started from it.</summary>
public sealed record RunLimits
{
    /// <summary>The limits of a definition that declares none.</summary>
    public static readonly RunLimits Default = new();

    /// <summary>Most runs in the tree of a started run: itself and all called workflows below it. 1 to 10,000, default 1,000.</summary>
    [JsonPropertyName("runs")]
    public int Runs { get; init; } = 1_000;

    /// <summary>Most runs above a called one. 1 to 16, default 16.</summary>
    [JsonPropertyName("depth")]
    public int Depth { get; init; } = 16;

    /// <summary>Most items of all <c>foreach</c> steps of one run together. 1 to 1,000,000, default 10,000; never below a step's own <c>max_items</c>.</summary>
    [JsonPropertyName("items")]
    public int Items { get; init; } = 10_000;

    /// <summary>How often one run may enter steps, all steps and items together. 1 to 1,000,000, default 100,000.</summary>
    [JsonPropertyName("steps")]
    public int Steps { get; init; } = 100_000;
}
