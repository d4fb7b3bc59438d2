using System.Globalization;
using System.Text.Json;
using Countersign.Api.Live;

namespace Countersign.Host.Terminal;

/// <summary>An event as one line at the terminal: what a person wants to read at a glance; the rest is in the log.</summary>
internal static class EventLine
{
    private static readonly string[] Told =
    [
        "kind", "event", "provider", "model", "valid", "attempt", "holds", "next", "decision", "status", "origin", "quorum", "role", "deadline", "workflow", "version",
    ];

    /// <summary>The line.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="indented">Whether it is of a run that the one shown has called.</param>
    public static string Of(CloudEvent happened, bool indented = false)
    {
        var time = happened.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return $"  {time}  {(indented ? "  " : "")}{happened.Type,-22} {happened.Subject,-18} {Facts(happened)}".TrimEnd();
    }

    private static string Facts(CloudEvent happened)
    {
        if (happened.Data is not { ValueKind: JsonValueKind.Object } facts)
        {
            return "";
        }

        var told = new List<string>();
        if (happened.Type.StartsWith("approval.", StringComparison.Ordinal) && happened.Actor is not ("system" or "run" or ""))
        {
            told.Add($"by={happened.Actor}");
        }

        foreach (var name in Told)
        {
            if (facts.TryGetProperty(name, out var value) && !(name is "attempt" && value.ToString() == "1"))
            {
                told.Add($"{name}={Short(name, value)}");
            }
        }

        if (facts.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object)
        {
            told.Add($"{error.GetProperty("type")}: {(error.TryGetProperty("detail", out var detail) ? detail : error.GetProperty("title"))}");
        }

        return string.Join(' ', told);
    }

    private static string Short(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ when name is "deadline" && value.TryGetDateTimeOffset(out var deadline) => deadline.ToLocalTime().ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
