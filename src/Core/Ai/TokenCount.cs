using System.Text.Json;

namespace Countersign.Ai;

/// <summary>Token counts that a provider tells. They end in a bill, so one that cannot be right counts as not told.</summary>
internal static class TokenCount
{
    private const long Most = 1_000_000_000;

    /// <summary>The count; null where it is negative or beyond a billion.</summary>
    public static long? Told(long? count) => count is >= 0 and <= Most ? count : null;

    /// <summary>The count in a member; null where there is none that can be right.</summary>
    public static long? Told(JsonElement usage, string name) =>
        usage.ValueKind == JsonValueKind.Object
        && usage.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var count)
        && count is >= 0 and <= Most
        && count == Math.Truncate(count)
            ? (long)count
            : null;
}
