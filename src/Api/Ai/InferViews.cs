using System.Text.Json;

namespace Countersign.Api.Ai;

/// <summary>Asks a model directly.</summary>
public sealed record InferBody
{
    /// <summary>The prompt; either this or <see cref="Template"/>.</summary>
    public string? Prompt { get; init; }

    /// <summary>A stored prompt.</summary>
    public InferTemplate? Template { get; init; }

    /// <summary>The variables of the stored prompt: an object whose names are identifiers.</summary>
    public JsonElement? Variables { get; init; }

    /// <summary>The system prompt.</summary>
    public string? System { get; init; }

    /// <summary>The JSON Schema that the answer must satisfy; left out, the answer is text.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The provider; left out, the host's default.</summary>
    public string? Provider { get; init; }

    /// <summary>The model; left out, the provider's default.</summary>
    public string? Model { get; init; }

    /// <summary>How much chance there is in the answer, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Most tokens of one answer.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How often an answer that breaks the schema is sent back with its errors, 0 to 5.</summary>
    public int Repair { get; init; } = 2;
}

/// <summary>Names a stored prompt.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version; left out, the promoted one.</param>
public sealed record InferTemplate(string Id, int? Version = null);

/// <summary>What a model answered.</summary>
/// <param name="Id">What the log calls the request (<c>transactionId</c>).</param>
/// <param name="Output">The answer: an object where a schema was given, else text.</param>
/// <param name="Asks">What each time of asking took, as the log has it.</param>
public sealed record InferView(string Id, JsonElement Output, IReadOnlyList<JsonElement> Asks);
