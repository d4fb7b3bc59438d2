using System.Text.Json;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>What reading a document has found so far, for the checks that need to see the whole of it.</summary>
internal sealed class ReadContext(ProblemList problems)
{
    public ProblemList Problems { get; } = problems;

    /// <summary>The step that is being read; null outside of steps.</summary>
    public StepSite? Step { get; set; }

    public List<BlockSite> Blocks { get; } = [];

    public List<StepSite> Steps { get; } = [];

    public List<TargetSite> Targets { get; } = [];

    public List<TemplateSite> Templates { get; } = [];

    public List<SchemaSite> Schemas { get; } = [];
}

/// <summary>A step and where it stands.</summary>
internal sealed class StepSite(string id, StepKind kind, Node node, BlockSite block, StepSite? compensates)
{
    public string Id { get; } = id;

    public StepKind Kind { get; } = kind;

    public Node Node { get; } = node;

    /// <summary>The block the step stands in; for a compensation that of the step it undoes.</summary>
    public BlockSite Block { get; } = block;

    /// <summary>The step this one undoes; null for a step of the graph.</summary>
    public StepSite? Compensates { get; } = compensates;

    public Step? Step { get; set; }
}

/// <summary>A block and where it stands.</summary>
/// <param name="Node">The object that holds <c>start</c>, <c>steps</c> and <c>output</c>.</param>
/// <param name="Owner">The step the block is inside of; null for the definition's own.</param>
internal sealed record BlockSite(Node Node, StepSite? Owner)
{
    public List<StepSite> Steps { get; } = [];
}

/// <summary>A place that names a step to go on with.</summary>
internal sealed record TargetSite(StepSite Step, Node Node, string Target);

/// <summary>A schema in the document.</summary>
internal sealed record SchemaSite(StepSite? Step, Node Node, JsonElement Schema);

/// <summary>A template in the document.</summary>
internal sealed record TemplateSite(StepSite? Step, Node Node, Template Template, TemplateUse Use);

/// <summary>What a template is for, as far as that decides what it may refer to and yield.</summary>
internal enum TemplateUse
{
    /// <summary>Any value; no secrets.</summary>
    Value,

    /// <summary>Resolved in an executor; may hold secrets.</summary>
    Executor,

    /// <summary>A URL: as <see cref="Executor"/>, and no model output may choose its origin.</summary>
    Url,

    /// <summary>A boolean.</summary>
    Condition,

    /// <summary>A list.</summary>
    List,

    /// <summary>A person: nothing that a step produced.</summary>
    Person,

    /// <summary>Evaluated at the end of the block whose object holds it.</summary>
    BlockOutput,
}
