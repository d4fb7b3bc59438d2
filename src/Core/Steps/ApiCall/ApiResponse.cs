using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Ledger;
using Countersign.Schemas;

namespace Countersign.Steps;

/// <summary>Turns a response into what a workflow reads of it: its body, its status and its headers.</summary>
internal static class ApiResponse
{
    /// <summary>The longest body of an unexpected answer that an error keeps, as JSON: 4 KiB.</summary>
    public const int LongestErrorBody = 4 * 1024;

    private const int LongestHeader = 1024;
    private const int LongestHeaders = 2 * 1024;
    private const int NamedErrors = 5;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>JSON as its value, other text as a string, nothing as null.</summary>
    /// <exception cref="StepFailedException">The body is not what its type says, no text, or breaks the schema.</exception>
    public static JsonElement Read(byte[] body, HttpResponseMessage response, ApiCallStep step, JsonSchema? schema)
    {
        var value = Value(body, response.Content.Headers.ContentType, step.LargeNumbers is LargeNumbers.Text);
        if (schema?.Validate(value) is { Valid: false } result)
        {
            var named = result.Errors.Take(NamedErrors).Select(error => $"{(error.InstanceLocation.Length == 0 ? "/" : error.InstanceLocation)}: {error.Message}");
            throw ApiErrors.Response(ApiErrorCodes.SchemaInvalid, $"The response breaks the schema: {string.Join("; ", named)}");
        }

        return WithLocation(value, response);
    }

    /// <summary>Status and headers as <c>{ status, headers }</c>: names in lower case; headers that are secret by their name, or long, are left out.</summary>
    public static JsonElement Head(HttpResponseMessage response)
    {
        var headers = new JsonObject();
        var left = LongestHeaders;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            var value = values.ToString();
            var length = name.Length + value.Length;
            if (!SensitiveFields.Contains(name) && value.Length <= LongestHeader && length <= left)
            {
                left -= length;
                headers[name.ToLowerInvariant()] = value;
            }
        }

        var head = new JsonObject { ["status"] = (int)response.StatusCode, ["headers"] = headers };
        return JsonElement.Parse(Encoding.UTF8.GetBytes(head.ToJsonString()));
    }

    /// <summary>The body of an unexpected answer, as far as it can be read: JSON as its value where it is short, else text, shortened; null for none.</summary>
    public static JsonElement? Excerpt(byte[] body, HttpResponseMessage response)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            var value = Value(body, response.Content.Headers.ContentType, largeAsText: true);
            return Encoding.UTF8.GetByteCount(value.GetRawText()) <= LongestErrorBody ? value
                : Shortened(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }
        catch (StepFailedException)
        {
            return Shortened(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, LongestErrorBody))));
        }
    }

    private static JsonElement Shortened(string text)
    {
        for (var length = Math.Min(text.Length, LongestErrorBody); ; length /= 2)
        {
            var shortened = JsonString.Of(text[..length]);
            if (shortened.GetRawText().Length <= LongestErrorBody)
            {
                return shortened;
            }
        }
    }

    // Where something was created, or will be found, is part of what such an answer says.
    private static JsonElement WithLocation(JsonElement value, HttpResponseMessage response)
    {
        if (value.ValueKind != JsonValueKind.Object
            || response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.Accepted)
            || value.TryGetProperty("location", out _)
            || !response.Headers.NonValidated.TryGetValues("Location", out var values)
            || values.ToString() is not { Length: > 0 and <= LongestHeader } location)
        {
            return value;
        }

        var members = JsonObject.Create(value)!;
        members["location"] = location;
        return JsonElement.Parse(Encoding.UTF8.GetBytes(members.ToJsonString()));
    }

    private static JsonElement Value(byte[] body, MediaTypeHeaderValue? type, bool largeAsText)
    {
        if (body.Length == 0)
        {
            return JsonElement.Parse("null"u8);
        }

        return IsJson(type?.MediaType) ? Json(body, type?.CharSet, largeAsText) : JsonString.Of(Text(body, type?.CharSet));
    }

    private static bool IsJson(string? type) =>
        type is not null
        && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static JsonElement Json(byte[] body, string? charset, bool largeAsText)
    {
        try
        {
            return ForeignJson.Parse(IsUtf8(charset) ? body : Encoding.UTF8.GetBytes(Text(body, charset)), largeAsText);
        }
        catch (JsonException exception)
        {
            throw ApiErrors.Response(ApiErrorCodes.BadJson, string.Create(CultureInfo.InvariantCulture, $"The response is not JSON in UTF-8 (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}), or has a member twice."));
        }
    }

    private static bool IsUtf8(string? charset) =>
        charset is null || charset.Trim('"') is var name && (name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("utf8", StringComparison.OrdinalIgnoreCase));

    private static string Text(byte[] body, string? charset)
    {
        try
        {
            var encoding = IsUtf8(charset) ? StrictUtf8 : EncodingOf(charset!.Trim('"'));
            var preamble = encoding.GetPreamble() is { Length: > 0 } own ? own : Encoding.UTF8.GetPreamble();
            return encoding.GetString(body.AsSpan().StartsWith(preamble) ? body.AsSpan(preamble.Length) : body);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // DecoderFallbackException is an ArgumentException, and so is what an unknown name gives; UTF-7 is not supported.
            throw ApiErrors.Response(ApiErrorCodes.NotText, "The response is neither JSON nor text in a known encoding.");
        }
    }

    private static Encoding EncodingOf(string name) =>
        CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
        ?? Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
}
