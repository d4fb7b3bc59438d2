using System.Globalization;
using System.Net.Http.Headers;
using Countersign.Egress;
using Countersign.Language;
using Countersign.Orchestration;

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

    /// <summary>The response is neither JSON nor text.</summary>
    public const string NotText = "api.not-text";

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
        Title = "The call is not allowed",
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

    public static StepError OfStatus(string origin, HttpResponseMessage response, DateTimeOffset now)
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
            RetryAfter = retryable ? RetryAfter(response.Headers.RetryAfter, now) : null,
        };
    }

    /// <summary>How long to wait by <c>Retry-After</c> (RFC 9110, section 10.2.3), seconds or a date; at most a day.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return wait is null ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    private static StepError Own(string code, string detail, int status) => new() { Type = code, Title = Title(code), Detail = detail, Status = status };

    private static string Title(string code) => code switch
    {
        ApiErrorCodes.Status => "The remote interface answered with an error",
        ApiErrorCodes.Unreachable => "The remote interface could not be reached",
        ApiErrorCodes.BadUrl => "The URL cannot be called",
        ApiErrorCodes.BadHeader => "The header cannot be sent",
        ApiErrorCodes.SchemaInvalid => "The response does not satisfy the schema",
        _ => "The response cannot be read",
    };
}
