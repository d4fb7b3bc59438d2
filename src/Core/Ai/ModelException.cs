namespace Countersign.Ai;

/// <summary>A model gave no answer.</summary>
/// <param name="code">One of <see cref="ModelErrorCodes"/>.</param>
/// <param name="message">What happened; never what was asked or answered, and no key.</param>
/// <param name="inner">What it was seen by; null for none.</param>
public sealed class ModelException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Whether asking again may help.</summary>
    public bool Retryable { get; init; }

    /// <summary>The HTTP status the provider gave; null where it gave none.</summary>
    public int? Status { get; init; }

    /// <summary>How long the provider asked to wait; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The provider's own id of the exchange; null where there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// Whether the provider had begun to work on it, so that it may be billed although there is no answer; what is not known of the tokens is then
    /// estimated.
    /// </summary>
    public bool MayBeBilled { get; init; }

    /// <summary>Tokens of the question that are billed all the same; null where nothing is known.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>Tokens of the answer that are billed all the same; null where nothing is known.</summary>
    public long? OutputTokens { get; init; }
}

/// <summary>Codes of errors around models; each has a page in <c>docs/errors</c>.</summary>
public static class ModelErrorCodes
{
    /// <summary>The provider asks to slow down (429). Retryable.</summary>
    public const string RateLimited = "ai.rate-limited";

    /// <summary>The provider failed or is overloaded (408, 409, 5xx). Retryable.</summary>
    public const string Unavailable = "ai.unavailable";

    /// <summary>The provider could not be reached, or the answer broke off. Retryable.</summary>
    public const string Unreachable = "ai.unreachable";

    /// <summary>The provider refused the request (other 4xx): a wrong key, an unknown model, a bad parameter.</summary>
    public const string Rejected = "ai.rejected";

    /// <summary>The model or a filter refused to answer.</summary>
    public const string Refused = "ai.refused";

    /// <summary>The question was given up before its answer came: the time limit, or the caller had gone. Retryable.</summary>
    public const string CutOff = "ai.cut-off";

    /// <summary>The host's identity got no token for the provider. Retryable.</summary>
    public const string SignInFailed = "ai.sign-in-failed";

    /// <summary>What the provider sent is not an answer.</summary>
    public const string BadAnswer = "ai.bad-answer";

    /// <summary>The answer was cut off at the most tokens allowed, or has no text.</summary>
    public const string Incomplete = "ai.incomplete";

    /// <summary>The answer broke its schema, after all repairs.</summary>
    public const string SchemaInvalid = "ai.schema-invalid";

    /// <summary>No provider of that name is configured.</summary>
    public const string ProviderUnknown = "ai.provider-unknown";

    /// <summary>Neither the step nor the provider names a model.</summary>
    public const string ModelUnknown = "ai.model-unknown";

    /// <summary>There is no stored prompt template of that id and version.</summary>
    public const string TemplateUnknown = "ai.template-unknown";

    /// <summary>The mock cannot make a value that satisfies the schema.</summary>
    public const string MockUnable = "ai.mock-unable";
}
