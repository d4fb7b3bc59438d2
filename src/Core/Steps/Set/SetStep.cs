using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Writes values into <c>context.runtime</c>. Its output is what it wrote.</summary>
public sealed record SetStep : Step
{
    /// <inheritdoc/>
    public override string Kind => "set";

    /// <summary>An object of name → template. All are evaluated against the context as it was before the step, so their order has no meaning.</summary>
    public Template Values { get; init; } = Template.Null;
}
