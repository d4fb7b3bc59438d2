using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Countersign.Api;

/// <summary>Reads requests and writes answers, the same way everywhere.</summary>
internal static class Requests
{
    private static readonly object BodyItem = new();

    /// <summary>The body as bytes, at most <see cref="CountersignApi.MaxBody"/>. It may be read more than once.</summary>
    public static async Task<byte[]> ReadBytesAsync(this HttpContext context)
    {
        if (context.Items.TryGetValue(BodyItem, out var read))
        {
            return (byte[])read!;
        }

        var bytes = await ReadBodyAsync(context);
        context.Items[BodyItem] = bytes;
        return bytes;
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = CountersignApi.MaxBody;
        }

        if (context.Request.ContentLength > CountersignApi.MaxBody)
        {
            throw TooLarge();
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            await buffer.WriteAsync(chunk.AsMemory(0, read), context.RequestAborted);
            if (buffer.Length > CountersignApi.MaxBody)
            {
                throw TooLarge();
            }
        }

        return buffer.ToArray();
    }

    /// <summary>The body as an object of ours; an unknown field is refused.</summary>
    public static async Task<T> ReadAsync<T>(this HttpContext context, JsonTypeInfo<T> type) => Read(await context.ReadBytesAsync(), type);

    /// <summary>The body as an object of ours, or another one where there is no body at all.</summary>
    public static async Task<T> ReadAsync<T>(this HttpContext context, JsonTypeInfo<T> type, T otherwise) =>
        await context.ReadBytesAsync() is { Length: > 0 } bytes ? Read(bytes, type) : otherwise;

    private static T Read<T>(byte[] bytes, JsonTypeInfo<T> type)
    {
        try
        {
            var body = JsonSerializer.Deserialize(bytes, type) ?? throw BodyErrors.Invalid("", "must be an object");
            BodyErrors.RefuseNull(bytes, type);
            return body;
        }
        catch (JsonException exception)
        {
            throw BodyErrors.Of(bytes, type, exception);
        }
    }

    /// <summary>A value from the route.</summary>
    public static string RouteText(this HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>A value from the query; null where it is missing or empty.</summary>
    public static string? QueryText(this HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>A whole number from the query within its range.</summary>
    public static long QueryNumber(this HttpContext context, string name, long otherwise, long least, long most)
    {
        if (context.QueryText(name) is not { } text)
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw BadQuery(name, $"must be a whole number from {least} to {most}");
    }

    /// <summary>A time from the query.</summary>
    public static DateTimeOffset? QueryTime(this HttpContext context, string name)
    {
        if (context.QueryText(name) is not { } text)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.RoundtripKind, out var time)
            ? time
            : throw BadQuery(name, "must be a time such as 2026-01-31T12:00:00Z");
    }

    /// <summary>A query parameter that breaks a rule.</summary>
    public static ApiException BadQuery(string name, string rule) =>
        new("request.invalid", 400, $"The query parameter '{name}' {rule}.") { Parameter = name, Rule = rule };

    /// <summary>Refuses query parameters that the endpoint does not take, and those that are given twice.</summary>
    public static void RefuseUnknownQuery(this HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenApi.Operation>() is not { } operation)
        {
            return;
        }

        foreach (var (name, values) in context.Request.Query)
        {
            if (!operation.Query.Any(parameter => parameter.Name == name))
            {
                var known = operation.Query.Select(parameter => parameter.Name);
                throw BadQuery(name, operation.Query.IsEmpty ? "is not known: this path takes none" : $"is not known: this path takes {string.Join(", ", known)}");
            }

            if (values.Count > 1)
            {
                throw BadQuery(name, "is given more than once");
            }
        }
    }

    /// <summary>The version that <c>If-Match</c> names, without quotes; <c>*</c> for any version that there is.</summary>
    /// <exception cref="ApiException">The header is missing (428), or is no entity tag (400).</exception>
    public static string ExpectedVersion(this HttpContext context)
    {
        var header = context.Request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            throw new ApiException("request.condition-missing", 428, "Send If-Match with the ETag of the version that the change was made from, or with * for any.");
        }

        return header == "*" ? header
            : EntityTagHeaderValue.TryParse(header, out var tag) && !tag.IsWeak ? tag.Tag.ToString().Trim('"')
            : throw new ApiException("request.invalid", 400, "If-Match must be one ETag in double quotes, or *.");
    }

    /// <summary>What makes a repetition of the request the same one, bound to the caller; null where the client gave no key.</summary>
    public static RequestKey? RequestKey(this HttpContext context) => context.Features.Get<RequestKey>();

    /// <summary>What a repetition of the request is recognised by: the client's key; null where it gave none.</summary>
    public static string? IdempotencyKey(this HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue("Idempotency-Key", out var value))
        {
            return null;
        }

        var key = value.ToString();
        return key.Length is > 0 and <= 255 && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? key
            : throw new ApiException("request.invalid", 400, "Idempotency-Key must have 1 to 255 printable ASCII characters.");
    }

    /// <summary>How many seconds the caller is ready to wait: <c>Prefer: wait=N</c>, at most 200.</summary>
    public static TimeSpan Patience(this HttpContext context)
    {
        foreach (var preference in context.Request.Headers["Prefer"].ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, 200));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(this HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, "application/json", context.RequestAborted);

    /// <summary>An opaque cursor, good for this list with this filter.</summary>
    public static string Cursor(this HttpContext context, string text) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FilterOf(context) + text));

    /// <summary>What is in a cursor that we gave out.</summary>
    /// <param name="context">The request.</param>
    /// <param name="prefix">What the rows of this list begin with; nothing else is a cursor of it.</param>
    public static string? CursorText(this HttpContext context, string prefix)
    {
        if (context.QueryText("cursor") is not { } cursor)
        {
            return null;
        }

        return System.Buffers.Text.Base64Url.IsValid(cursor)
            && Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor)) is var sent
            && FilterOf(context) is var filter
            && sent.StartsWith(filter + prefix, StringComparison.Ordinal)
            && sent[filter.Length..] is var text
            && RowKeys.IsSafe(text[prefix.Length..].Replace('|', ':'))
            ? text
            : throw BadCursor();
    }

    /// <summary>The sequence in a cursor of a log page; 0 at the beginning.</summary>
    public static long CursorSequence(this HttpContext context)
    {
        var text = context.CursorText("");
        return text is null ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
            : throw BadCursor();
    }

    // The path and every parameter but those that say which page it is.
    private static string FilterOf(HttpContext context)
    {
        var filter = context.Request.Query.Where(parameter => parameter.Key is not ("cursor" or "limit")).OrderBy(parameter => parameter.Key, StringComparer.Ordinal);
        var text = string.Join('\n', filter.Select(parameter => $"{parameter.Key}={parameter.Value}").Prepend(context.Request.Path.ToString()));
        return Hash256.Of(Encoding.UTF8.GetBytes(text)).ToString()[..12];
    }

    private static ApiException BadCursor() => BadQuery("cursor", "is not one that this list gave out for these other parameters");

    private static ApiException TooLarge() => new("request.too-large", 413, $"The body is larger than {CountersignApi.MaxBody} bytes.");
}
