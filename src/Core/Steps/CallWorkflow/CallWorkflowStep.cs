using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Runs another workflow as a child. Its output is the child's output.</summary>
public sealed record CallWorkflowStep : Step
{
    /// <summary>Time limit of the whole child where none is given: 30 days.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public override string Kind => "call_workflow";

    /// <summary>Name of the workflow.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>Which versions are accepted; null for the newest release. What a run starts with is pinned.</summary>
    public VersionRange? Version { get; init; }

    /// <summary>The child's input; null for null.</summary>
    public Template? Input { get; init; }

    /// <summary>An object that overrides the child's <c>context.profile</c>. Nothing else of this run's context is seen by the child. Null for nothing.</summary>
    public Template? Profile { get; init; }
}
