using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>One node of a workflow's graph. Each kind adds its own fields.</summary>
public abstract record Step
{
    /// <summary>Unique in the whole document; matches <c>[a-z][a-z0-9_-]{0,63}</c>. A compensation's id is its step's id and <c>.compensate</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>The kind as documents write it in <c>type</c>, such as <c>api_call</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What the step is for, in people's words.</summary>
    public string? Description { get; init; }

    /// <summary>The step that follows, in the same block; null ends the block.</summary>
    public string? Next { get; init; }

    /// <summary>The step's own retry policy; null for the definition's default. Only kinds that retry have one.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>The step's own time limit: of one attempt for executors, of the whole step for <c>parallel</c>, <c>foreach</c> and <c>call_workflow</c>. Null for the definition's default, then the kind's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The lock that the step takes while it is at work, and what compensates it as well; null for none. Only kinds that call out have one.</summary>
    public StepMutex? Mutex { get; init; }

    /// <summary>Clauses tried in order when the step has failed for good.</summary>
    public ImmutableArray<CatchClause> Catch { get; init; } = [];

    /// <summary>What undoes this step when the run fails or is canceled after it completed; null for nothing.</summary>
    public Step? Compensate { get; init; }

    /// <summary>How often the step may be entered in one run of its block; null for no limit of its own. One on a cycle makes the cycle legal. Entering more often fails the run with <c>too-many-visits</c>.</summary>
    public int? MaxVisits { get; init; }

    /// <summary>Where the step stands in the document; the root's for one that was built in code. Not part of equality of definitions.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>Ids the step may go on with besides <see cref="Next"/> and <see cref="Catch"/>, in the order of the document.</summary>
    public virtual ImmutableArray<string> Exits => [];

    /// <summary>The one of <see cref="Exits"/> that is taken without an output because a wait ran out; null for none.</summary>
    public virtual string? TimeoutExit => null;

    /// <summary>Those of <see cref="Exits"/> that are taken with or without an output.</summary>
    public virtual ImmutableArray<string> UncertainExits => [];

    /// <summary>JSON Schema of the step's output as far as it is known before a run; null for nothing known.</summary>
    public virtual JsonElement? OutputSchema => null;

    /// <summary>Whether the step also leaves the status and the headers of the answer that its output is the body of, as <c>response</c>.</summary>
    public virtual bool HasResponse => false;

    /// <summary>JSON Schema of what the step takes from outside, where it is made from the step's own fields rather than written in the document; null for none.</summary>
    public virtual JsonElement? SubmissionSchema => null;

    /// <summary>Whether a step of this kind, once it is done, has changed something outside that can stand without being undone.</summary>
    internal virtual bool Acts => false;

    /// <summary>Whether a second attempt after one whose effect happened is no second effect. A step for which this is false is not tried again after such an attempt.</summary>
    internal virtual bool MayRepeat => true;

    /// <summary>Whether the step may go on with <see cref="Next"/> (or end the block where that is null).</summary>
    public virtual bool FallsThrough => true;

    /// <summary>The blocks inside the step: the branches of <c>parallel</c>, the body of <c>foreach</c>.</summary>
    public virtual ImmutableArray<Block> Blocks => [];
}
