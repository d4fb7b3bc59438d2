using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Writes an event of the workflow's own to the log and to whoever listens. Its output is the event's data.</summary>
public sealed record EmitStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "emit";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => Data is null ? KnownSchemas.Null : null;

    /// <summary>Type of the event: <c>custom.</c> and lower-case words with dots, such as <c>custom.invoice.paid</c>; at most 128 characters. The prefix keeps a workflow from writing the product's own events.</summary>
    public string Event { get; init; } = "";

    /// <summary>The event's data; null for none.</summary>
    public Template? Data { get; init; }
}
