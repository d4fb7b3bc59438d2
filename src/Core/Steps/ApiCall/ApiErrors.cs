using System.Globalization;
using System.Text.Json;
using Countersign.Egress;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Secrets;

namespace Countersign.Steps;

/// <summary>Codes of errors of <c>api_call</c>; each has a page in <c>docs/errors</c>.</summary>
public static class ApiErrorCodes
{
    /// <summary>The remote side answered with a status that is no success: the type is <c>http.&lt;status&gt;</c>, so that a <c>catch</c> can tell them apart. Retryable for 408, 425, 429 and 5xx.</summary>
    public const string Status = "http";

    /// <summary>The remote side could not be reached, or broke off. Retryable.</summary>
    public const string Unreachable = "api.unreachable";

    /// <summary>The URL cannot be called.</summary>
    public const string BadUrl = UrlRendering.BadUrl;

    /// <summary>A header cannot be sent.</summary>
    public const string BadHeader = "api.bad-header";

    /// <summary>The response says it is JSON, or is wanted as JSON, and is not.</summary>
    public const string BadJson = "api.bad-json";

    /// <summary>The response holds a number that would be rounded.</summary>
    public const string NumberRange = "api.number-range";

    /// <summary>The response is neither JSON nor text.</summary>
    public const string NotText = "api.not-text";

    /// <summary>The response's body is not in the encoding that its <c>Content-Encoding</c> names. Retryable.</summary>
    public const string BadEncoding = "api.bad-encoding";

    /// <summary>The body cannot be sent as the type that the step names.</summary>
    public const string BadBody = "api.bad-body";

    /// <summary>The response's body breaks the step's schema.</summary>
    public const string SchemaInvalid = "api.schema-invalid";
}

/// <summary>What goes wrong in <c>api_call</c>.</summary>
internal static class ApiErrors
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public static StepFailedException Refused(string code, string detail) => new(Own(code, detail, 400));

    public static StepError BadUrl(string detail) => Own(ApiErrorCodes.BadUrl, detail, 400);

    public static StepFailedException Response(string code, string detail) => new(Own(code, detail, 502));

    public static StepError From(EgressRefusedException refused) => new()
    {
        Type = refused.Code,
        Title = refused.Code switch
        {
            SecretCodes.OriginNotAllowed or SecretCodes.NotBound => Title(refused.Code),
            EgressCodes.ResponseTooLarge => "The response is too large",
            EgressCodes.BadRedirect or EgressCodes.TooManyRedirects => "The redirect cannot be followed",
            _ => "The call is not allowed",
        },
        Status = refused.Code is EgressCodes.ResponseTooLarge ? 502 : null,
        Detail = refused.Message,
    };

    public static StepError Unreachable(string origin, string reason) => new()
    {
        Type = ApiErrorCodes.Unreachable,
        Title = Title(ApiErrorCodes.Unreachable),
        Status = 502,
        Detail = $"{origin}: {reason}.",
        Retryable = true,
    };

    public static StepError BadEncoding(string origin) =>
        Own(ApiErrorCodes.BadEncoding, $"{origin}: the body is not in the encoding that its Content-Encoding names.", 502) with { Retryable = true };

    public static StepError OfStatus(string origin, HttpResponseMessage response, JsonElement? body, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var retryable = status is 408 or 425 or 429 or >= 500;
        return new()
        {
            Type = string.Create(CultureInfo.InvariantCulture, $"{ApiErrorCodes.Status}.{status}"),
            Title = Title(ApiErrorCodes.Status),
            Status = status,
            Detail = $"{origin} answered {status}.",
            Retryable = retryable,
            RetryAfter = retryable ? RetryAfter(response, now) : null,
            Response = ApiResponse.Head(response),
            Body = body,
        };
    }

    /// <summary>
    /// How long to wait by <c>Retry-After</c> (RFC 9110, section 10.2.3), a date or seconds; a fraction of a second is rounded up, and a wait of more
    /// than a day is a day. Null where the header is absent or means nothing.
    /// </summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        if (response.Headers.RetryAfter is { Date: { } date })
        {
            var wait = date - now;
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
        }

        return response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
            && double.TryParse(values.ToString(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(Math.Ceiling(seconds), LongestWait.TotalSeconds))
            : null;
    }

    private static StepError Own(string code, string detail, int status) => new() { Type = code, Title = Title(code), Detail = detail, Status = status };

    private static string Title(string code) => code switch
    {
        ApiErrorCodes.Status => "The remote interface answered with an error",
        ApiErrorCodes.Unreachable => "The remote interface could not be reached",
        ApiErrorCodes.BadUrl => "The URL cannot be called",
        ApiErrorCodes.BadHeader => "The header cannot be sent",
        ApiErrorCodes.BadBody => "The body cannot be sent",
        SecretCodes.OriginNotAllowed or SecretCodes.NotBound or SecretCodes.InOrigin => "The secret cannot be sent there",
        ApiErrorCodes.SchemaInvalid => "The response does not satisfy the schema",
        _ => "The response cannot be read",
    };
}
