using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;

namespace Countersign.Steps;

/// <summary>The body of an <c>api_call</c>: JSON, a form, or text, as the step's <c>Content-Type</c> says.</summary>
internal static class ApiBody
{
    /// <summary>The header that names the body's type.</summary>
    public const string ContentType = "Content-Type";

    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>The content; null for none.</summary>
    /// <param name="body">The rendered body.</param>
    /// <param name="type">The value of the step's <c>Content-Type</c>; null where it names none.</param>
    /// <exception cref="StepFailedException">The body cannot be sent as that type.</exception>
    public static ByteArrayContent? Make(JsonElement? body, string? type)
    {
        switch (body)
        {
            case null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                return null;
            case { ValueKind: JsonValueKind.String } text:
                return Content(Encoding.UTF8.GetBytes(text.GetString()!), new MediaTypeHeaderValue("text/plain", "utf-8"));
            case { } form when IsForm(type):
                return Content(Encoding.ASCII.GetBytes(Fields(form)), new MediaTypeHeaderValue(Form));
            case { } json when IsMultipart(type):
                throw ApiErrors.Refused(ApiErrorCodes.BadBody, $"A body of type '{MediaType(type)}' is a text; an object or a list cannot be sent as it ({json.ValueKind}).");
            case { } json:
                return Content(CanonicalJson.ToBytes(json), new MediaTypeHeaderValue("application/json"));
        }
    }

    /// <summary>What contradicts a type in a body that is written in the definition; null where nothing does.</summary>
    /// <param name="body">The body as it is written, with its expressions.</param>
    /// <param name="type">The value of <c>Content-Type</c> as it is written.</param>
    public static string? Contradiction(JsonElement body, string type)
    {
        if (type.Contains("${", StringComparison.Ordinal) || body.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return null;
        }

        if (!IsForm(type))
        {
            return IsMultipart(type) || MediaType(type).StartsWith("text/", StringComparison.OrdinalIgnoreCase) && !MediaType(type).Contains("json", StringComparison.OrdinalIgnoreCase) || MediaType(type).EndsWith("xml", StringComparison.OrdinalIgnoreCase)
                ? $"An object or a list is sent as JSON or as a form, not as '{MediaType(type)}'; write the body as a text, or name another type."
                : null;
        }

        if (body.ValueKind == JsonValueKind.Array)
        {
            return "A form is an object of names and values, not a list.";
        }

        foreach (var field in body.EnumerateObject())
        {
            var values = field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().AsEnumerable() : [field.Value];
            if (values.Any(value => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
            {
                return $"The form's field '{field.Name}' is an object; texts, numbers, booleans and lists of them can be sent.";
            }
        }

        return null;
    }

    /// <summary>A value as text: strings, numbers in their JSON form, booleans; null for any other.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => Encoding.UTF8.GetString(CanonicalJson.ToBytes(value)),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static ByteArrayContent Content(byte[] bytes, MediaTypeHeaderValue type) => new(bytes) { Headers = { ContentType = type } };

    private static string Fields(JsonElement form) => form.ValueKind == JsonValueKind.Object
        ? string.Join('&', form.EnumerateObject().SelectMany(Field))
        : throw ApiErrors.Refused(ApiErrorCodes.BadBody, "'body' does not render to an object, which a form is made of.");

    private static IEnumerable<string> Field(JsonProperty field)
    {
        var values = field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().ToArray() : [field.Value];
        return values
            .Where(value => value.ValueKind != JsonValueKind.Null)
            .Select(value => $"{Encoded(field.Name)}={Encoded(Text(value) ?? throw ApiErrors.Refused(ApiErrorCodes.BadBody, $"The form's field '{field.Name}' is an object; texts, numbers, booleans and lists of them can be sent."))}");
    }

    private static string Encoded(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static bool IsForm(string? type) => MediaType(type).Equals(Form, StringComparison.OrdinalIgnoreCase);

    private static bool IsMultipart(string? type) => MediaType(type).StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);

    private static string MediaType(string? type) => type?.Split(';')[0].Trim() ?? "";
}
