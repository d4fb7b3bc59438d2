using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Asks a model. Its output is the answer: an object where a schema is given, else text.</summary>
public sealed record AiGenerateStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "ai_generate";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => Schema ?? KnownSchemas.Text;

    /// <summary>The prompt in place. Either this or <see cref="PromptTemplate"/>.</summary>
    public Template? Prompt { get; init; }

    /// <summary>A stored prompt template (field <c>template</c>), filled with <see cref="Variables"/>.</summary>
    public PromptTemplateReference? PromptTemplate { get; init; }

    /// <summary>The system prompt; null for none of its own.</summary>
    public Template? System { get; init; }

    /// <summary>An object of name → template: the variables of the stored template; null for none.</summary>
    public Template? Variables { get; init; }

    /// <summary>JSON Schema 2020-12 the answer must satisfy; null for free text.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Name of the provider; null for the tenant's default.</summary>
    public string? Provider { get; init; }

    /// <summary>Name of the model; null for the provider's default.</summary>
    public string? Model { get; init; }

    /// <summary>0 to 2; null for the provider's default.</summary>
    public double? Temperature { get; init; }

    /// <summary>Most tokens of one answer, 1 to 1,000,000; null for the provider's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Seed for providers that know one; the mock is a function of it.</summary>
    public long? Seed { get; init; }

    /// <summary>How often an answer that breaks the schema is sent back with its errors; 0 to 5, default 2.</summary>
    public int Repair { get; init; } = 2;

    /// <summary>What the step may spend, over all its attempts; null for what the budgets around it leave.</summary>
    public AiBudget? Budget { get; init; }

    /// <summary>Whether parts of the answer are published as live events while it is made; default false.</summary>
    public bool Stream { get; init; }

    /// <summary>How the mock provider behaves for this step; other providers ignore it.</summary>
    public AiMock? Mock { get; init; }
}

/// <summary>Names a stored prompt template.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version, from 1; null for the promoted one, which can change between runs.</param>
public sealed record PromptTemplateReference(string Id, int? Version = null);

/// <summary>What to do when a budget does not cover the next call.</summary>
public enum BudgetExhausted
{
    /// <summary>Fail with error type <c>budget-exhausted</c>.</summary>
    Fail,

    /// <summary>Wait until the budget has room again.</summary>
    Queue,

    /// <summary>Use the cheaper model named in <c>degrade_to</c>.</summary>
    Degrade,

    /// <summary>Ask a person for more.</summary>
    Ask,
}

/// <summary>A limit on what one step spends.</summary>
public sealed record AiBudget
{
    /// <summary>US dollars, above 0; null for no limit in money.</summary>
    public double? Usd { get; init; }

    /// <summary>Tokens in and out, from 1; null for no limit in tokens.</summary>
    public int? Tokens { get; init; }

    /// <summary>What to do on exhaustion; default fail.</summary>
    public BudgetExhausted OnExhausted { get; init; }

    /// <summary>The model used when degrading; required there, refused elsewhere.</summary>
    public string? DegradeTo { get; init; }
}

/// <summary>What the mock provider does.</summary>
public enum AiMockMode
{
    /// <summary>Answers with a value that satisfies the schema.</summary>
    Success,

    /// <summary>Answers with a value that breaks the schema.</summary>
    SchemaViolation,

    /// <summary>Never answers within the time limit.</summary>
    Timeout,

    /// <summary>Fails in a retryable way.</summary>
    TransientError,
}

/// <summary>Behaviour of the mock provider for one step.</summary>
public sealed record AiMock
{
    /// <summary>What it does; default success.</summary>
    public AiMockMode Mode { get; init; }

    /// <summary>The answer it gives; null for one made from the schema.</summary>
    public Template? Output { get; init; }
}
