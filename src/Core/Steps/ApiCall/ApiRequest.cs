using System.Text.Json;
using Countersign.Egress;
using Countersign.Expressions;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>A step's fields after rendering.</summary>
/// <param name="Url">The URL, without what <paramref name="Query"/> adds.</param>
/// <param name="Query">An object; null for none.</param>
/// <param name="Headers">An object; null for none.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record ApiFields(JsonElement Url, JsonElement? Query, JsonElement? Headers, JsonElement? Body)
{
    public static ApiFields Render(ApiCallStep step, IExpressionScope scope) =>
        new(step.Url.RenderUrl(scope), step.Query?.Render(scope), step.Headers?.Render(scope), step.Body?.Render(scope));
}

/// <summary>Makes the HTTP request of an <c>api_call</c>, and refuses what a header or a URL must not hold.</summary>
internal static class ApiRequest
{
    /// <summary>The header by which a remote side recognises a repetition.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    private const int MostHeaders = 64;
    private const int MostHeaderCharacters = 32 * 1024;
    private const int LongestUrl = 16 * 1024;

    // What frames the message or belongs to the connection; a step that set them could smuggle a second request.
    private static readonly HashSet<string> Framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    // .NET keeps these with the body.
    private static readonly HashSet<string> OfTheBody = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Content-Type",
        "Expires", "Last-Modified",
    };

    /// <summary>The request.</summary>
    /// <exception cref="StepFailedException">A URL, a header or a query is not what may be sent.</exception>
    public static HttpRequestMessage Make(ApiCallStep step, ApiFields fields, string idempotencyKey)
    {
        var request = new HttpRequestMessage(new HttpMethod(step.Method), Target(fields)) { Content = ApiBody.Make(fields.Body, TypeOf(fields.Headers)) };
        request.Options.Set(EgressRequest.ConfidentialBody, step.Body is { } body && UsesSecret(body));
        request.Options.Set(EgressRequest.FollowRedirects, !step.Expect.Any(match => match.First < 400 && match.Last >= 300));
        AddHeaders(request, fields.Headers, step.Idempotent);
        if (step.Idempotent)
        {
            request.Headers.TryAddWithoutValidation(IdempotencyKey, idempotencyKey);
        }

        return request;
    }

    private static bool UsesSecret(Template template) =>
        template.Expressions.Any(expression => expression.Source.Contains(LanguageFunctions.Secret, StringComparison.Ordinal));

    private static Uri Target(ApiFields fields)
    {
        if (fields.Url.ValueKind != JsonValueKind.String
            || fields.Url.GetString() is not { } text
            || text.Length > LongestUrl
            || text.Any(char.IsControl)
            || !Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadUrl, "'url' does not render to an absolute http or https URL.");
        }

        if (UrlRendering.HasDotSegment(text))
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadUrl, "The path of 'url' has a segment '.' or '..', which leads to another path.");
        }

        if (fields.Query is not { ValueKind: not JsonValueKind.Null } query)
        {
            return url;
        }

        if (query.ValueKind != JsonValueKind.Object)
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadUrl, "'query' does not render to an object.");
        }

        var pairs = string.Join('&', query.EnumerateObject().SelectMany(Parameters));
        var joined = new UriBuilder(url) { Query = url.Query.Length > 1 && pairs.Length > 0 ? url.Query[1..] + "&" + pairs : url.Query + pairs };
        return joined.Uri;
    }

    private static IEnumerable<string> Parameters(JsonProperty property)
    {
        var values = property.Value.ValueKind == JsonValueKind.Array ? property.Value.EnumerateArray().ToArray() : [property.Value];
        return values
            .Where(value => value.ValueKind != JsonValueKind.Null)
            .Select(value => $"{Uri.EscapeDataString(property.Name)}={Uri.EscapeDataString(ApiBody.Text(value) ?? throw ApiErrors.Refused(ApiErrorCodes.BadUrl, $"The value of query parameter '{property.Name}' is an object; texts, numbers, booleans and lists of them can be sent."))}");
    }

    private static string? TypeOf(JsonElement? headers) => headers is { ValueKind: JsonValueKind.Object } given
        ? given.EnumerateObject().Where(header => header.Name.Equals(ApiBody.ContentType, StringComparison.OrdinalIgnoreCase)).Select(header => ApiBody.Text(header.Value)).FirstOrDefault()
        : null;

    private static void AddHeaders(HttpRequestMessage request, JsonElement? headers, bool idempotent)
    {
        if (headers is not { ValueKind: not JsonValueKind.Null } given)
        {
            return;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadHeader, "'headers' does not render to an object.");
        }

        var characters = 0;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in given.EnumerateObject())
        {
            if (header.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var value = CheckedHeader(header, idempotent);
            characters += header.Name.Length + value.Length;
            if (!seen.Add(header.Name) || seen.Count > MostHeaders || characters > MostHeaderCharacters)
            {
                throw ApiErrors.Refused(ApiErrorCodes.BadHeader, $"Headers come once each, at most {MostHeaders} of {MostHeaderCharacters} characters in all.");
            }

            Add(request, header.Name, value);
        }
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!OfTheBody.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        else if (request.Content is { } content)
        {
            content.Headers.Remove(name);
            content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string CheckedHeader(JsonProperty header, bool idempotent)
    {
        var name = header.Name;
        if (name.Length == 0 || !name.All(IsToken))
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadHeader, "A header's name has other characters than RFC 9110 allows.");
        }

        if (Framing.Contains(name) || (idempotent && name.Equals(IdempotencyKey, StringComparison.OrdinalIgnoreCase)))
        {
            throw ApiErrors.Refused(ApiErrorCodes.BadHeader, $"The header '{name}' is not a step's to set.");
        }

        return ApiBody.Text(header.Value) is { } value && value.All(c => c is '\t' or (>= ' ' and <= '~'))
            ? value
            : throw ApiErrors.Refused(ApiErrorCodes.BadHeader, $"The value of header '{name}' is no text of printable ASCII characters.");
    }

    private static bool IsToken(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}
