using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Schemas;

namespace Countersign.Steps;

/// <summary>Turns a response's body into a step's output.</summary>
internal static class ApiResponse
{
    private const int NamedErrors = 5;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth };
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>JSON as its value, other text as a string, nothing as null.</summary>
    /// <exception cref="StepFailedException">The body is not what its type says, no text, or breaks the schema.</exception>
    public static JsonElement Read(byte[] body, MediaTypeHeaderValue? type, JsonSchema? schema)
    {
        var value = Value(body, type);
        if (schema?.Validate(value) is { Valid: false } result)
        {
            var named = result.Errors.Take(NamedErrors).Select(error => $"{(error.InstanceLocation.Length == 0 ? "/" : error.InstanceLocation)}: {error.Message}");
            throw ApiErrors.Response(ApiErrorCodes.SchemaInvalid, $"The response breaks the schema: {string.Join("; ", named)}");
        }

        return value;
    }

    private static JsonElement Value(byte[] body, MediaTypeHeaderValue? type)
    {
        if (body.Length == 0)
        {
            return JsonElement.Parse("null"u8);
        }

        return IsJson(type?.MediaType) ? Json(body) : JsonString.Of(Text(body, type?.CharSet));
    }

    private static bool IsJson(string? type) =>
        type is not null
        && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static JsonElement Json(byte[] body)
    {
        try
        {
            var text = body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? body.AsMemory(3) : body;
            using var document = JsonDocument.Parse(text, Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw ApiErrors.Response(ApiErrorCodes.BadJson, $"The response is not JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}), or has a member twice.");
        }
    }

    private static string Text(byte[] body, string? charset)
    {
        try
        {
            var name = charset?.Trim('"') ?? "utf-8";
            var encoding = name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("utf8", StringComparison.OrdinalIgnoreCase)
                ? StrictUtf8
                : Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            var preamble = encoding.GetPreamble() is { Length: > 0 } own ? own : Encoding.UTF8.GetPreamble();
            return encoding.GetString(body.AsSpan().StartsWith(preamble) ? body.AsSpan(preamble.Length) : body);
        }
        catch (ArgumentException)
        {
            // DecoderFallbackException is one, and so is what an unknown name gives.
            throw ApiErrors.Response(ApiErrorCodes.NotText, "The response is neither JSON nor text in a known encoding.");
        }
    }
}
