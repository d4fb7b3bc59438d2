using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>What a kind of step has besides its own fields.</summary>
[Flags]
public enum StepTraits
{
    /// <summary>Nothing of this.</summary>
    None = 0,

    /// <summary>Runs in an executor and may be tried again: has <c>retry</c>.</summary>
    Retries = 1,

    /// <summary>Has <c>timeout</c>.</summary>
    TimeLimit = 2,

    /// <summary>May have done something that has to be undone: has <c>compensate</c>.</summary>
    Effects = 4,

    /// <summary>May undo what another step did.</summary>
    Compensation = 8,

    /// <summary>Waits for a person, an event or a time, which makes a cycle through it legal.</summary>
    Waits = 16,

    /// <summary>Ends its block: has neither <c>next</c> nor <c>catch</c>.</summary>
    Ends = 32,

    /// <summary>Its output is what a model said.</summary>
    Model = 64,

    /// <summary>Writes <c>context.runtime</c>.</summary>
    Runtime = 128,

    /// <summary>May take a lock while it is at work: has <c>mutex</c>.</summary>
    Locks = 256,
}

/// <summary>A kind of step: its name, its traits and its fields, from which reading, writing, the language's JSON Schema and the reference follow.</summary>
public abstract class StepKind
{
    private protected StepKind(string name, string summary, StepTraits traits)
    {
        Name = name;
        Summary = summary;
        Traits = traits;
    }

    /// <summary>The kind as documents write it in <c>type</c>.</summary>
    public string Name { get; }

    /// <summary>What steps of the kind do, in one sentence.</summary>
    public string Summary { get; }

    /// <summary>What the kind has besides its own fields.</summary>
    public StepTraits Traits { get; }

    /// <summary>Whether steps of the kind may undo others.</summary>
    public bool Compensation => Traits.HasFlag(StepTraits.Compensation);

    /// <summary>The fields, the kind's own first.</summary>
    internal abstract IEnumerable<FieldDescription> Fields { get; }

    internal abstract Step? Read(Node node, ReadContext context);

    internal abstract Step? ReadCompensation(Node node, ReadContext context, string id);

    internal abstract void Write(Utf8JsonWriter writer, Step step);

    internal abstract void WriteSchema(SchemaWriter schema);

    internal abstract void WriteCompensationSchema(SchemaWriter schema);
}

/// <summary>A kind whose steps are of one record type.</summary>
internal sealed class StepKind<TStep> : StepKind where TStep : Step
{
    private readonly Lazy<Shape<TStep>> shape;
    private readonly Lazy<Shape<TStep>> compensation;

    /// <summary>Declares a kind.</summary>
    /// <param name="name">As documents write it.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="traits">What it has besides its own fields.</param>
    /// <param name="create">Makes a step that stands at its defaults.</param>
    /// <param name="declare">Adds the kind's own fields to a shape.</param>
    public StepKind(string name, string summary, StepTraits traits, Func<TStep> create, Func<Shape<TStep>, Shape<TStep>> declare)
        : base(name, summary, traits)
    {
        shape = new(() => StepFields.After(declare(StepFields.Before(new Shape<TStep>(create), name)), traits));
        compensation = new(() => StepFields.Limits(declare(StepFields.OfKind(new Shape<TStep>(create), name)), traits));
    }

    internal override IEnumerable<FieldDescription> Fields => shape.Value.Fields;

    internal override Step? Read(Node node, ReadContext context)
        => shape.Value.Read(node, context, unknown => StepFields.RefuseForKind(unknown, this, context)) is { } step
            ? step with { Location = node.Location }
            : null;

    internal override Step? ReadCompensation(Node node, ReadContext context, string id)
        => compensation.Value.Read(node, context, unknown => StepFields.RefuseForCompensation(unknown, context)) is { } step
            ? step with { Id = id, Location = node.Location }
            : null;

    internal override void Write(Utf8JsonWriter writer, Step step)
    {
        bool compensates = step.Id.Length == 0 || Definition.OwnerOf(step) != step.Id;
        writer.WriteStartObject();
        (compensates ? compensation : shape).Value.WriteMembers(writer, (TStep)step);
        writer.WriteEndObject();
    }

    internal override void WriteSchema(SchemaWriter schema) => shape.Value.WriteSchema(schema);

    internal override void WriteCompensationSchema(SchemaWriter schema) => compensation.Value.WriteSchema(schema);
}
