using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Ai;

/// <summary>Makes numbers within the bounds of a schema.</summary>
internal static class SampleNumber
{
    private const decimal Widest = 1_000_000_000_000m;

    /// <summary>A number; null where the bounds leave none.</summary>
    public static JsonNode? Make(Dictionary<string, JsonElement> schema, SampleNumbers numbers, bool whole)
    {
        var step = Bound(schema, "multipleOf") is { } multiple and > 0 ? multiple : whole ? 1m : 0.01m;
        if (whole && step != decimal.Truncate(step))
        {
            step = 1m;
        }

        var least = Bound(schema, "minimum");
        var most = Bound(schema, "maximum");
        if (Bound(schema, "exclusiveMinimum") is { } above && (least is null || above >= least))
        {
            least = above + Inside(step, above, Bound(schema, "exclusiveMaximum") ?? most);
        }

        if (Bound(schema, "exclusiveMaximum") is { } below && (most is null || below <= most))
        {
            most = below - Inside(step, least, below);
        }

        var from = least ?? (most is { } upper ? Math.Min(0, upper - (step * 100)) : 0);
        var to = most ?? from + (step * (whole ? 1000 : 100_000));
        var first = decimal.Ceiling(from / step);
        var last = decimal.Floor(to / step);
        if (first > last)
        {
            return whole || from > to ? null : JsonValue.Create(from);
        }

        var value = (first + numbers.Between(0, (long)Math.Min(last - first, Widest))) * step;
        return whole ? JsonValue.Create(decimal.Truncate(value)) : JsonValue.Create(value);
    }

    // Half of the room that is left, where a whole step would leave the range.
    private static decimal Inside(decimal step, decimal? from, decimal? to) =>
        from is { } least && to is { } most && most - least <= step ? (most - least) / 2 : step;

    private static decimal? Bound(Dictionary<string, JsonElement> schema, string keyword) =>
        schema.TryGetValue(keyword, out var value) && value.ValueKind == JsonValueKind.Number
            ? (decimal)Math.Clamp(value.GetDouble(), (double)-Widest, (double)Widest)
            : null;
}
