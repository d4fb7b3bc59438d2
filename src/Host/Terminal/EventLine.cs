using System.Globalization;
using System.Text.Json;
using Countersign.Api.Live;

namespace Countersign.Host.Terminal;

/// <summary>An event as one line at the terminal: the facts that a person reads at a glance. The log has the rest.</summary>
internal static class EventLine
{
    private static readonly string[] Told =
    [
        "kind", "event", "provider", "model", "valid", "attempt", "holds", "next", "decision", "status", "origin", "quorum", "role", "deadline", "workflow", "version",
    ];

    /// <summary>The line.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="indented">Whether the event belongs to a child of the run that is shown.</param>
    public static TerminalLine Of(CloudEvent happened, bool indented = false)
    {
        var time = happened.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var facts = Facts(happened);
        return $"  {time}  {(indented ? "  " : "")}{happened.Type,-22} {(facts.Length == 0 ? happened.Subject : $"{happened.Subject,-18} {facts}")}";
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
            told.Add($"by={OneWord(happened.Actor)}");
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
        _ => OneWord(value.ToString()),
    };

    // A value with a blank in it could look like two facts.
    private static string OneWord(string value) => value.Length > 0 && !value.Any(c => char.IsWhiteSpace(c) || c is '"' or '=') ? value : ShownFields.Value(JsonSerializer.SerializeToElement(value));
}
