using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Steps;

/// <summary>The JSON Schema of what a form with typed fields takes.</summary>
internal static class FormSchema
{
    public static JsonElement Of(ImmutableArray<FormField> fields)
    {
        JsonObject properties = [];
        foreach (FormField field in fields)
        {
            properties[field.Key] = Of(field);
        }

        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. fields.Where(field => field.Required).Select(field => (JsonNode)field.Key)]),
            ["additionalProperties"] = false,
        });
    }

    private static JsonObject Of(FormField field)
    {
        bool number = field.Type is FormFieldType.Number or FormFieldType.Integer;
        JsonObject schema = new()
        {
            ["type"] = field.Type switch
            {
                FormFieldType.Number => "number",
                FormFieldType.Integer => "integer",
                FormFieldType.Boolean => "boolean",
                _ => "string",
            },
        };
        AddIf(schema, "title", field.Label);
        AddIf(schema, "default", field.Default is { } value ? JsonNode.Parse(value.GetRawText()) : null);
        AddIf(schema, "format", field.Type switch { FormFieldType.Date => "date", FormFieldType.Email => "email", _ => null });
        AddIf(schema, "pattern", field.Pattern is null ? null : $"^(?:{field.Pattern})$");
        AddIf(schema, number ? "minimum" : "minLength", field.Min is { } min ? JsonValue.Create(min) : null);
        AddIf(schema, number ? "maximum" : "maxLength", field.Max is { } max ? JsonValue.Create(max) : null);
        AddIf(schema, "enum", field.Type == FormFieldType.Choice ? new JsonArray([.. field.Options.Select(option => (JsonNode)option)]) : null);

        // A required text that is empty is a field nobody filled in.
        AddIf(schema, "minLength", field is { Required: true, Min: null } && schema["type"]!.GetValue<string>() == "string" && field.Type != FormFieldType.Choice ? JsonValue.Create(1) : null);
        return schema;
    }

    private static void AddIf(JsonObject schema, string keyword, JsonNode? value)
    {
        if (value is not null)
        {
            schema[keyword] = value;
        }
    }
}
