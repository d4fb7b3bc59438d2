using System.Text.Json;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Goes the way of the first case that holds. Its output is the index of that case, or -1.</summary>
public sealed record SwitchStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "switch";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => KnownSchemas.Number;

    /// <summary>The cases, tried in order; at least one.</summary>
    public ImmutableArray<SwitchCase> Cases { get; init; } = [];

    /// <summary>The step to go on with when no case holds; null for <see cref="Step.Next"/>.</summary>
    public string? Default { get; init; }

    /// <inheritdoc/>
    public override bool FallsThrough => Default is null;

    /// <inheritdoc/>
    public override ImmutableArray<string> Exits
        => [.. Cases.Select(c => c.Goto).Concat(new[] { Default }.OfType<string>())];
}

/// <summary>One way out of a <see cref="SwitchStep"/>.</summary>
public sealed record SwitchCase
{
    /// <summary>One expression that yields a boolean.</summary>
    public Template When { get; init; } = Template.Null;

    /// <summary>The step to go on with when it holds.</summary>
    public string Goto { get; init; } = "";
}
