namespace Countersign.Ai;

/// <summary>What a model answered, and what it took.</summary>
public sealed record ModelResponse
{
    /// <summary>The answer.</summary>
    public required string Text { get; init; }

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>The model that answered, as the provider names it; it may be more exact than what was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>Tokens of the question.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens of the answer, those of hidden reasoning included.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Whether the provider gave no token counts, so that they are a guess of one token per four characters.</summary>
    public bool TokensAreEstimated { get; init; }

    /// <summary>Why the answer ended.</summary>
    public ModelFinish Finish { get; init; }

    /// <summary>The provider's own id of the exchange, to ask them about it; null where there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>How many tokens a text is taken for where nobody counts: one for four characters, rounded up.</summary>
    public static long EstimateTokens(string? text) => EstimateTokens(text?.Length ?? 0L);

    /// <summary>The same for a number of characters.</summary>
    public static long EstimateTokens(long characters) => (characters + 3) / 4;
}

/// <summary>Why an answer ended.</summary>
public enum ModelFinish
{
    /// <summary>It was complete.</summary>
    Stop,

    /// <summary>It reached the most tokens allowed and is cut off.</summary>
    Length,

    /// <summary>For a reason of the provider's own.</summary>
    Other,

    /// <summary>The provider says that it did not finish: an error, a cancellation, or a tool call instead of an answer.</summary>
    Unfinished,

    /// <summary>The model, or a filter, refused to answer.</summary>
    Refused,
}
