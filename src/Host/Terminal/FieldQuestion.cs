using System.Globalization;
using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Host.Terminal;

/// <summary>One field of a form, asked at the terminal until the answer obeys the field's schema.</summary>
/// <param name="name">The field's name.</param>
/// <param name="schema">The JSON Schema of its value.</param>
/// <param name="required">Whether the form cannot be sent without it.</param>
/// <param name="otherwise">The value that Enter takes; null leaves the field out.</param>
internal sealed class FieldQuestion(string name, JsonElement schema, bool required, JsonElement? otherwise)
{
    private readonly string type = schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("type", out var typed) && typed is { ValueKind: JsonValueKind.String } named ? named.GetString()! : "string";

    /// <summary>Asks.</summary>
    /// <returns>The value; null where the field is left out.</returns>
    public JsonElement? Ask()
    {
        var choice = Property("enum") is { ValueKind: JsonValueKind.Array } options ? $" ({string.Join(", ", options.EnumerateArray().Select(Plain))})" : "";
        var proposed = otherwise ?? Property("default");
        while (true)
        {
            Screen.Write($"    {ShownFields.Name(name)}{(type is "string" ? "" : $" ({type})")}{choice}{(proposed is { } value ? $" [{Plain(value)}]" : "")}: ");
            var text = Screen.ReadLine();
            if (text.Length == 0 && proposed is null && !required)
            {
                return null;
            }

            if (text.Length == 0 && proposed is null)
            {
                Screen.WriteLine($"    '{name}' is required.");
            }
            else if ((text.Length == 0 ? proposed : Parse(text)) is not { } answer)
            {
                Screen.WriteLine($"    '{text}' is not a value of type {type}{(type is "boolean" ? ": answer yes or no" : "")}.");
            }
            else if (Broken(answer) is { } rule)
            {
                Screen.WriteLine($"    '{Plain(answer)}' cannot be taken: {rule}.");
            }
            else
            {
                return answer;
            }
        }
    }

    private static string Plain(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    // In an object of its own, so that the message names the field. A schema that refers to other parts of its document is checked with the whole form.
    private string? Broken(JsonElement answer)
    {
        var alone = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["properties"] = new Dictionary<string, JsonElement> { [name] = schema } });
        var filled = JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [name] = answer });
        return JsonSchema.TryCompile(alone, new SchemaOptions { AssertFormats = true }, out var compiled, out _) && compiled.Validate(filled) is { Valid: false } result
            ? string.Join("; ", result.Errors.Select(error => error.Message))
            : null;
    }

    private JsonElement? Property(string key) => schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty(key, out var value) ? value : null;

    private JsonElement? Parse(string text) => type switch
    {
        "integer" or "number" => ParseNumber(text.Trim()),
        "boolean" => text.Trim().ToLowerInvariant() switch
        {
            "true" or "yes" or "y" => JsonSerializer.SerializeToElement(true),
            "false" or "no" or "n" => JsonSerializer.SerializeToElement(false),
            _ => null,
        },
        "string" => JsonSerializer.SerializeToElement(text),
        _ => ParseJson(text),
    };

    // The digits as they were typed: a detour over double would change large numbers and long fractions.
    private static JsonElement? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? ParseJson(text) ?? JsonSerializer.SerializeToElement(number)
            : null;

    private static JsonElement? ParseJson(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
