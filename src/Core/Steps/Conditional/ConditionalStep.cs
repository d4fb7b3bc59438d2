using System.Text.Json;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Goes one way or the other. Its output is whether the condition held.</summary>
public sealed record ConditionalStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "conditional";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => KnownSchemas.Boolean;

    /// <summary>One expression that yields a boolean.</summary>
    public Template When { get; init; } = Template.Null;

    /// <summary>The step to go on with when it holds; null for <see cref="Step.Next"/>.</summary>
    public string? Then { get; init; }

    /// <summary>The step to go on with when it does not hold; null for <see cref="Step.Next"/>.</summary>
    public string? Else { get; init; }

    /// <inheritdoc/>
    public override bool FallsThrough => Then is null || Else is null;

    /// <inheritdoc/>
    public override ImmutableArray<string> Exits => [.. new[] { Then, Else }.OfType<string>()];
}
