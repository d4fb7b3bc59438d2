using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

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
            return JsonSerializer.Deserialize(bytes, type) ?? throw BodyErrors.Invalid("", "must be an object");
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
            : throw new ApiException("request.invalid", 400, $"The query's '{name}' must be a whole number from {least} to {most}.");
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
            : throw new ApiException("request.invalid", 400, $"The query's '{name}' must be a time such as 2026-01-31T12:00:00Z.");
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

    /// <summary>An opaque cursor.</summary>
    public static string Cursor(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

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
            && Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor)) is var text
            && text.StartsWith(prefix, StringComparison.Ordinal)
            && RowKeys.IsSafe(text[prefix.Length..].Replace('|', ':'))
            ? text
            : throw new ApiException("request.invalid", 400, "The cursor is not one that was given out here.");
    }

    /// <summary>The sequence in a cursor of a log page; 0 at the beginning.</summary>
    public static long CursorSequence(this HttpContext context)
    {
        var text = context.CursorText("");
        return text is null ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
            : throw new ApiException("request.invalid", 400, "The cursor is not one that was given out here.");
    }

    private static ApiException TooLarge() => new("request.too-large", 413, $"The body is larger than {CountersignApi.MaxBody} bytes.");
}
