using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Ai;

/// <summary>Makes texts of a schema.</summary>
internal static class SampleText
{
    private const int LongestMade = 10_000;

    private static readonly string[] Vocabulary =
        ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "jade", "kelp", "linden", "maple", "north", "opal", "pine"];

    /// <summary>A text; null where pattern and lengths leave none that could be made.</summary>
    public static string? Make(Dictionary<string, JsonElement> schema, string name, SampleNumbers numbers)
    {
        var least = Length(schema, "minLength") ?? 0;
        var most = Length(schema, "maxLength") ?? int.MaxValue;
        if (schema.TryGetValue("pattern", out var pattern))
        {
            return PatternSample.Make(pattern.GetString()!, numbers);
        }

        var text = schema.TryGetValue("format", out var format) && format.ValueKind == JsonValueKind.String
            ? Formatted(format.GetString()!, numbers) ?? Words(name, numbers)
            : Words(name, numbers);
        StringBuilder longer = new(text);
        while (longer.Length < least && longer.Length < LongestMade)
        {
            longer.Append(' ').Append(Word(numbers));
        }

        return longer.ToString(0, Math.Min(longer.Length, most));
    }

    /// <summary>A readable text that names what it stands for.</summary>
    public static string Words(string name, SampleNumbers numbers) => $"{name} {Word(numbers)} {Word(numbers)}";

    private static string Word(SampleNumbers numbers) => Vocabulary[numbers.Between(0, Vocabulary.Length - 1)];

    private static string? Formatted(string format, SampleNumbers numbers)
    {
        var day = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(numbers.Between(0, 1000)).AddSeconds(numbers.Between(0, 86_399));
        return format switch
        {
            "date" => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            "time" => day.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            "date-time" => day.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            "duration" => string.Create(CultureInfo.InvariantCulture, $"PT{numbers.Between(1, 59)}M"),
            "email" or "idn-email" => $"{Word(numbers)}@example.com",
            "hostname" or "idn-hostname" => $"{Word(numbers)}.example.com",
            "ipv4" => string.Create(CultureInfo.InvariantCulture, $"192.0.2.{numbers.Between(1, 254)}"),
            "ipv6" => string.Create(CultureInfo.InvariantCulture, $"2001:db8::{numbers.Between(1, 9999)}"),
            "uri" or "iri" => $"https://example.com/{Word(numbers)}",
            "uri-reference" or "iri-reference" => $"/{Word(numbers)}",
            "uuid" => string.Create(CultureInfo.InvariantCulture, $"{(uint)numbers.Next():x8}-{(ushort)numbers.Next():x4}-4{numbers.Next() & 0xFFF:x3}-8{numbers.Next() & 0xFFF:x3}-{numbers.Next() & 0xFFFFFFFFFFFF:x12}"),
            "json-pointer" => $"/{Word(numbers)}",
            _ => null,
        };
    }

    private static int? Length(Dictionary<string, JsonElement> schema, string keyword) =>
        schema.TryGetValue(keyword, out var value) ? (int)Math.Min(value.GetDouble(), LongestMade) : null;
}
