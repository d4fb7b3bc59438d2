using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Api.Limits;
using Countersign.Artifacts;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Secrets;
using Countersign.Workflows;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Problems;

/// <summary>An error as RFC 9457 describes it.</summary>
/// <param name="Type">Where its page is: <c>/errors/&lt;code&gt;</c>.</param>
/// <param name="Title">The code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">This occurrence.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, bool Retryable)
{
    /// <summary>Each field that is wrong, with the rule it breaks.</summary>
    public ImmutableArray<ProblemField>? Errors { get; init; }

    /// <summary>What to name when asking about it.</summary>
    public string? TraceId { get; init; }

    /// <summary>How many seconds to wait before trying again.</summary>
    [JsonIgnore]
    public int? RetryAfter { get; init; }

    /// <summary>The methods that the path takes, where the method was the mistake.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>What an exception means to the caller; null where it means that we have a bug.</summary>
    public static Problem? Of(Exception exception) => exception switch
    {
        ApiException api => Make(api.Code, api.Status, api.Message, FieldsOf(api)) with { Allow = api.Allow, Retryable = api.RetryAfter is not null || api.Status is 429 or 503, RetryAfter = api.RetryAfter },
        BadHttpRequestException { StatusCode: 413 } => Make("request.too-large", 413, $"The body is larger than {CountersignApi.MaxBody} bytes."),
        BadHttpRequestException bad => Make("request.invalid", bad.StatusCode, bad.Message),
        LimitReachedException limit => Make(limit.Code, 429, limit.Message) with { RetryAfter = limit.RetryAfter },
        AccessDeniedException denied => Make("access.denied", 403, denied.Message),
        InputInvalidException input => Make(input.Code, 422, "What the run would start with is not what the workflow asks for.", Fields(input.Errors)),
        ArtifactLinkException link => Make(link.Code, 401, link.Message),
        WaitRefusedException refused => Make(refused.Code, refused.Status, refused.Message, Fields(refused.Errors)) with { Retryable = refused.RetryAfter is not null, RetryAfter = refused.RetryAfter },
        RunNotFoundException run => Make("run.not-found", 404, run.Message),
        ParentPausedException paused => Make("run.parent-paused", 409, paused.Message),
        RunEndedException ended => Make("run.ended", 409, ended.Message),
        IdempotencyKeyReusedException reused => Make("request.idempotency-key-reused", 422, reused.Message, [new ProblemField("", reused.Message) { Header = "Idempotency-Key" }]),
        WorkflowNotFoundException { Version: not null } version => Make("workflow.version-not-found", 404, version.Message),
        WorkflowNotFoundException workflow => Make("workflow.not-found", 404, workflow.Message),
        WorkflowVersionTakenException taken => Make("workflow.version-taken", 409, taken.Message, [new ProblemField("/version", "exists with other content")]),
        WorkflowChangedException changed => Make("workflow.changed", 412, changed.Message, [new ProblemField("", changed.Message) { Header = "If-Match" }]),
        TemplateInvalidException template => Make("template.invalid", 422, template.Message, Fields(template.Errors)),
        TemplateNotFoundException template => Make("template.not-found", 404, template.Message),
        TemplateChangedException changed => Make("template.changed", 412, changed.Message, [new ProblemField("", changed.Message) { Header = "If-Match" }]),
        DefinitionException definition => Make("workflow.invalid", 422, "The definition has problems; see the errors.", Fields(definition.Problems)),
        ApiKeyNotFoundException key => Make("api-key.not-found", 404, key.Message),
        ApiKeyInvalidException key => Make("api-key.invalid", 422, key.Message, [new ProblemField(key.Pointer, key.Rule)]),
        SecretStoreException secret => Make(secret.Code, secret.Status, secret.Message, secret.Pointer is { } pointer ? [new ProblemField(pointer, secret.Message)] : null),
        CanonicalJsonException json => Make(json.Code, 422, json.Message, [new ProblemField(json.Pointer, json.Rule)]),
        LedgerRefusedException refused => Make(LedgerRefusedException.ErrorCode, 502, refused.Message),
        LedgerUnavailableException => Make("ledger.unavailable", 503, "The ledger cannot be reached; nothing was done.") with { Retryable = true, RetryAfter = 2 },
        LedgerContentionException => Make(LedgerContentionException.ErrorCode, 503, "Other requests changed the same row at every attempt; nothing was done.")
            with { Retryable = true, RetryAfter = 2 },
        _ => null,
    };

    /// <summary>A problem of ours.</summary>
    public static Problem Make(string code, int status, string detail, ImmutableArray<ProblemField>? errors = null) =>
        new($"/errors/{code}", code, status, detail, status is 429 or 503) { Errors = errors is { Length: > 0 } ? errors : null };

    /// <summary>The problems of a definition as fields.</summary>
    public static ImmutableArray<ProblemField> Fields(IEnumerable<Language.Problem> problems) =>
    [
        .. problems.Select(problem => new ProblemField(problem.Pointer, problem.Message)
        {
            Code = problem.Code, Line = problem.Line, Column = problem.Column, Severity = problem.Severity.ToString().ToLowerInvariant(),
        }),
    ];

    private static ImmutableArray<ProblemField> FieldsOf(ApiException api) =>
        api.Parameter is { } name ? [new ProblemField("", api.Rule!) { Parameter = name }] : Fields(api.Errors);

    private static ImmutableArray<ProblemField> Fields(ImmutableArray<FieldError> errors) =>
        [.. errors.Select(error => new ProblemField(error.Pointer, error.Message))];
}

/// <summary>One field that is wrong.</summary>
/// <param name="Pointer">Where, as a JSON pointer into the body.</param>
/// <param name="Detail">The rule it breaks.</param>
public sealed record ProblemField(string Pointer, string Detail)
{
    /// <summary>The stable code, where it has one of its own.</summary>
    public string? Code { get; init; }

    /// <summary>The line in the document, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The column in the line, from 1.</summary>
    public int? Column { get; init; }

    /// <summary><c>error</c> or <c>warning</c>.</summary>
    public string? Severity { get; init; }

    /// <summary>The query parameter that is wrong, where it is one.</summary>
    public string? Parameter { get; init; }

    /// <summary>The header that is wrong, where it is one.</summary>
    public string? Header { get; init; }
}
