using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>One question to a model.</summary>
public sealed record ModelRequest
{
    /// <summary>The model's name as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>The system prompt; null for none.</summary>
    public string? System { get; init; }

    /// <summary>The conversation so far, a user's message last; at least one.</summary>
    public required ImmutableArray<ModelMessage> Messages { get; init; }

    /// <summary>JSON Schema 2020-12 of the answer; null for free text.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>0 to 2; null for the provider's default.</summary>
    public double? Temperature { get; init; }

    /// <summary>Most tokens of the answer; null for the provider's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Seed, for providers that know one; null for none.</summary>
    public long? Seed { get; init; }

    /// <summary>The step's attempt, from 1. Only the mock looks at it, so that its faults are the same after a restart.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>How the mock behaves; other providers ignore it.</summary>
    public MockScript Mock { get; init; } = MockScript.Default;

    /// <summary>Takes the parts of the answer while it is made, in order; null where nobody listens, and then nothing is streamed.</summary>
    public Action<string>? OnDelta { get; init; }

    /// <summary>How many tokens the question is taken for where nobody counts them.</summary>
    public long EstimateTokens() => ModelResponse.EstimateTokens(System) + Messages.Sum(message => ModelResponse.EstimateTokens(message.Text));
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said.</param>
public sealed record ModelMessage(ModelRole Role, string Text);

/// <summary>Who says a message.</summary>
public enum ModelRole
{
    /// <summary>Whoever asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>How the mock behaves for one question.</summary>
/// <param name="Mode">What it does.</param>
/// <param name="Output">What it answers; null for something made from schema, prompt and seed.</param>
public sealed record MockScript(AiMockMode Mode, JsonElement? Output)
{
    /// <summary>Answers, with something made from the schema.</summary>
    public static MockScript Default { get; } = new(AiMockMode.Success, null);
}
