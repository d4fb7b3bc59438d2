using System.Text.Json;
using System.Text.Json.Nodes;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>What a fan-out does when one of its parts fails.</summary>
public enum FailureMode
{
    /// <summary>Start nothing more, let what is in flight end, and fail with the first error.</summary>
    FailFast,

    /// <summary>Let every part end, then fail with all the errors.</summary>
    WaitAll,
}

/// <summary>Runs branches side by side. Its output is <c>{branch: its output}</c>.</summary>
public sealed record ParallelStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "parallel";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema
        => JsonSerializer.SerializeToElement(new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Branches.Select(branch => branch.Name).Distinct(StringComparer.Ordinal).Select(name => KeyValuePair.Create<string, JsonNode?>(name, true))),
            ["additionalProperties"] = false,
        });

    /// <summary>The branches; 1 to 100 with different names.</summary>
    public ImmutableArray<ParallelBranch> Branches { get; init; } = [];

    /// <summary>What happens when a branch fails; default fail_fast.</summary>
    public FailureMode OnFailure { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<Block> Blocks => [.. Branches.Select(branch => branch.Body)];
}

/// <summary>One branch of a <see cref="ParallelStep"/>.</summary>
public sealed record ParallelBranch
{
    /// <summary>Name of the branch in the step's output; matches <c>[A-Za-z_][A-Za-z0-9_]{0,63}</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its steps.</summary>
    public Block Body { get; init; } = Block.Empty;
}
