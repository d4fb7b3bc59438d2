using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Ends the run, or the block's step, with an error of the workflow's own.</summary>
public sealed record FailStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "fail";

    /// <summary>Error type (field <c>error</c>), which <c>catch</c> around the block can name: lower-case words with dots, at most 128 characters.</summary>
    public string Error { get; init; } = "";

    /// <summary>Short text for people, the same for every occurrence; null for the type.</summary>
    public string? Title { get; init; }

    /// <summary>What happened this time.</summary>
    public Template? Detail { get; init; }

    /// <inheritdoc/>
    public override bool FallsThrough => false;
}
