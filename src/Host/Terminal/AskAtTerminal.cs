using System.Text.Json;

namespace Countersign.Host.Terminal;

/// <summary>Asks the person at the terminal.</summary>
/// <param name="proposed">Proposes the values of forms, which Enter takes; null proposes nothing.</param>
internal sealed class AskAtTerminal(AnswerOfSample? proposed = null) : IAnswer
{
    /// <inheritdoc/>
    /// <remarks>A sample is a demonstration, in which the person at the terminal plays everyone.</remarks>
    public bool IsOnePerson => proposed is null;

    /// <inheritdoc/>
    public (Vote Vote, string? Reason) Decide(AskedApproval asked)
    {
        Screen.WriteLine();
        Screen.WriteLine($"  {asked.Person}, step '{asked.Step}' requests your approval{(asked.Quorum > 1 ? $" ({asked.Approved} of {asked.Quorum} have approved)" : "")} of:");
        foreach (var line in ShownFields.Lines(asked.Shown, Screen.Width))
        {
            Screen.WriteLine($"{line}");
        }

        while (true)
        {
            Screen.Write($"  Approve? [{(asked.CanWait ? "y = yes, n = no, Enter = leave it to another person" : "y/n")}] ");
            switch (Screen.ReadLine().Trim().ToLowerInvariant())
            {
                case "y" or "yes": return (Vote.Approved, null);
                case "n" or "no": return (Vote.Rejected, "rejected at the terminal");
                case "" when asked.CanWait: return (Vote.Later, null);
                default: Screen.WriteLine($"  Answer y or n."); break;
            }
        }
    }

    /// <inheritdoc/>
    public JsonElement Fill(AskedForm asked)
    {
        Screen.WriteLine();
        if (asked.Title is { } title)
        {
            Screen.WriteLine($"  {title}");
        }

        return asked.Schema?.Document is { ValueKind: JsonValueKind.Object } schema && schema.TryGetProperty("properties", out var fields) && fields.ValueKind is JsonValueKind.Object
            ? FillFields(asked, schema, fields)
            : FillAsJson(asked);
    }

    // A field is checked as soon as it is filled in; what only the whole form shows is asked again from the first field on.
    private JsonElement FillFields(AskedForm asked, JsonElement schema, JsonElement fields)
    {
        var suggestion = proposed?.Propose(asked.Step);
        Screen.WriteLine($"  {asked.Person}, step '{asked.Step}' asks you to fill in these fields{(suggestion is null ? "" : "; Enter takes the value in brackets")}:");
        while (true)
        {
            var data = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var field in fields.EnumerateObject())
            {
                JsonElement? otherwise = suggestion is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(field.Name, out var value) ? value : null;
                if (new FieldQuestion(field.Name, field.Value, IsRequired(schema, field.Name), otherwise).Ask() is { } answer)
                {
                    data[field.Name] = answer;
                }
            }

            var filled = JsonSerializer.SerializeToElement(data);
            if (asked.Schema!.Validate(filled) is not { Valid: false } result)
            {
                return filled;
            }

            Screen.WriteLine($"  The form cannot be sent:");
            foreach (var error in result.Errors)
            {
                Screen.WriteLine($"    {(error.InstanceLocation.Length == 0 ? "the form" : error.InstanceLocation)}: {error.Message}");
            }
        }
    }

    private static bool IsRequired(JsonElement schema, string name) =>
        schema.TryGetProperty("required", out var required) && required.ValueKind is JsonValueKind.Array
        && required.EnumerateArray().Any(item => item.ValueKind is JsonValueKind.String && item.ValueEquals(name));

    private static JsonElement FillAsJson(AskedForm asked)
    {
        Screen.WriteLine($"  {asked.Person}, step '{asked.Step}' asks you to fill in a form{(asked.Schema is null ? "" : $" with this schema: {asked.Schema.Document}")}");
        while (true)
        {
            Screen.Write($"  Your answer as JSON: ");
            try
            {
                var answer = JsonElement.Parse(Screen.ReadLine());
                if (asked.Schema?.Validate(answer) is not { Valid: false } result)
                {
                    return answer;
                }

                foreach (var error in result.Errors)
                {
                    Screen.WriteLine($"    {(error.InstanceLocation.Length == 0 ? "the answer" : error.InstanceLocation)}: {error.Message}");
                }
            }
            catch (JsonException exception)
            {
                Screen.WriteLine($"  That is not JSON: {exception.Message}");
            }
        }
    }
}
