using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Host.Terminal;

/// <summary>Asks whoever sits at the terminal.</summary>
/// <param name="proposed">What forms are filled in with where a field is left empty; null proposes nothing.</param>
internal sealed class AskAtTerminal(AnswerOfSample? proposed = null) : IAnswer
{
    /// <inheritdoc/>
    public (Vote Vote, string? Reason) Decide(AskedApproval asked)
    {
        Console.WriteLine($"\n  {asked.Person}, step '{asked.Step}' asks for your approval{(asked.Quorum > 1 ? $" ({asked.Approved} of {asked.Quorum} have approved)" : "")} of:");
        ShowFields(asked.Shown);
        while (true)
        {
            Console.Write(asked.CanWait ? "  Approve? [y = yes, n = no, Enter = leave it to somebody else] " : "  Approve? [y/n] ");
            switch (Read().Trim().ToLowerInvariant())
            {
                case "y" or "yes": return (Vote.Approved, null);
                case "n" or "no": return (Vote.Rejected, "rejected at the terminal");
                case "" when asked.CanWait: return (Vote.Later, null);
                default: Console.WriteLine("  Answer y or n."); break;
            }
        }
    }

    /// <inheritdoc/>
    public JsonElement Fill(AskedForm asked)
    {
        if (asked.Schema is not { ValueKind: JsonValueKind.Object } schema || !schema.TryGetProperty("properties", out var fields))
        {
            return FillAsJson(asked);
        }

        var suggestion = proposed?.Propose(asked.Step);
        Console.WriteLine(asked.Title is { } title ? $"\n  {title}" : "");
        Console.WriteLine($"  {asked.Person}, step '{asked.Step}' asks you to fill in {(suggestion is null ? "these fields" : "these fields; Enter takes what stands in brackets")}:");
        var data = new JsonObject();
        foreach (var field in fields.EnumerateObject())
        {
            var otherwise = suggestion is { } given && given.TryGetProperty(field.Name, out var value) ? value : (JsonElement?)null;
            if (AskField(field, otherwise) is { } answer)
            {
                data[field.Name] = answer;
            }
        }

        return JsonSerializer.SerializeToElement(data);
    }

    private static void ShowFields(JsonElement shown)
    {
        if (shown.ValueKind is not JsonValueKind.Object)
        {
            Console.WriteLine($"    {shown}");
            return;
        }

        foreach (var field in shown.EnumerateObject())
        {
            Console.WriteLine($"    {field.Name}: {field.Value}");
        }
    }

    private static JsonNode? AskField(JsonProperty field, JsonElement? otherwise)
    {
        var type = field.Value.TryGetProperty("type", out var named) ? named.ToString() : "string";
        var choice = field.Value.TryGetProperty("enum", out var options) ? " (" + string.Join(", ", options.EnumerateArray()) + ")" : "";
        while (true)
        {
            Console.Write($"    {field.Name}{(type is "string" ? "" : $" ({type})")}{choice}{(otherwise is null ? "" : $" [{otherwise}]")}: ");
            var text = Read();
            if (text.Length == 0)
            {
                return otherwise is { } given ? JsonNode.Parse(given.GetRawText()) : null;
            }

            if (Parse(type, text) is { } value)
            {
                return value;
            }

            Console.WriteLine($"    That is no {type}.");
        }
    }

    private static JsonValue? Parse(string type, string text) => type switch
    {
        "integer" or "number" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : null,
        "boolean" => text.ToLowerInvariant() switch { "true" or "yes" or "y" => JsonValue.Create(true), "false" or "no" or "n" => JsonValue.Create(false), _ => null },
        _ => JsonValue.Create(text),
    };

    private static JsonElement FillAsJson(AskedForm asked)
    {
        Console.WriteLine($"\n  {asked.Person}, step '{asked.Step}' asks you to fill in: {asked.Title} {asked.Schema}");
        while (true)
        {
            Console.Write("  Your answer as JSON: ");
            try
            {
                return JsonElement.Parse(Read());
            }
            catch (JsonException exception)
            {
                Console.WriteLine($"  That is not JSON: {exception.Message}");
            }
        }
    }

    private static string Read() => Console.ReadLine() ?? throw new OperationCanceledException("The terminal was closed.");
}
