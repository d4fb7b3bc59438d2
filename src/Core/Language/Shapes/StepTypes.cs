using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>The steps of a block.</summary>
internal sealed class StepListType : FieldType<ImmutableArray<Step>>
{
    /// <summary>Most steps of a whole document.</summary>
    public const int MaxSteps = 1000;

    public static StepListType Instance { get; } = new();

    public override string Words => "list of steps";

    public override bool TryRead(Node node, ReadContext context, out ImmutableArray<Step> value)
    {
        value = [];
        if (node.Kind != NodeKind.List)
        {
            return Wrong(node, context, out value);
        }

        if (node.Children.Count == 0)
        {
            return Refuse(node, context, ProblemCodes.OutOfRange, "A block has at least one step.", out value);
        }

        BlockSite block = new(node.Parent!, context.Step);
        context.Blocks.Add(block);
        ImmutableArray<Step>.Builder steps = ImmutableArray.CreateBuilder<Step>(node.Children.Count);
        foreach (Node child in node.Children)
        {
            if (StepReading.Read(child, context, block) is { } step)
            {
                steps.Add(step);
            }
        }

        // A step that could not be read has been reported; the block around it is still worth checking.
        value = steps.ToImmutable();
        return true;
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<Step> value)
    {
        writer.WriteStartArray();
        foreach (Step step in value)
        {
            StepKinds.Of(step).Write(writer, step);
        }

        writer.WriteEndArray();
    }

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteString("type", "array");
        schema.Json.WriteNumber("minItems", 1);
        schema.Json.WritePropertyName("items");
        schema.Reference("step", WriteStepSchema);
        schema.Json.WriteEndObject();
    }

    private static void WriteStepSchema(SchemaWriter schema)
        => StepReading.WriteChoice(schema, StepKinds.All, "", (kind, definition) => kind.WriteSchema(definition));
}

/// <summary>The step that undoes another one.</summary>
internal sealed class CompensationType : FieldType<Step>
{
    public static CompensationType Instance { get; } = new();

    public override string Words => "step without `id`";

    public override bool TryRead(Node node, ReadContext context, out Step value)
    {
        if (node.Kind != NodeKind.Object)
        {
            return Wrong(node, context, out value);
        }

        value = StepReading.ReadCompensation(node, context)!;
        return value is not null;
    }

    public override void Write(Utf8JsonWriter writer, Step value) => StepKinds.Of(value).Write(writer, value);

    public override void WriteSchema(SchemaWriter schema)
        => schema.Reference("compensation", definition => StepReading.WriteChoice(
            definition, StepKinds.All.Where(kind => kind.Compensation), "compensation_", (kind, inner) => kind.WriteCompensationSchema(inner)));
}

/// <summary>Finds the kind of a step and lets it read the rest.</summary>
internal static class StepReading
{
    public static Step? Read(Node node, ReadContext context, BlockSite block)
    {
        if (!IsStep(node, context) || FindKind(node, context) is not { } kind)
        {
            if (node.Kind == NodeKind.Object)
            {
                AddSite(new StepSite(IdOf(node), StepKinds.All[0], node, block, null), context);
            }

            return null;
        }

        StepSite site = new(IdOf(node), kind, node, block, null);
        AddSite(site, context);
        StepSite? around = context.Step;
        context.Step = site;
        site.Step = kind.Read(node, context);
        context.Step = around;
        if (site.Step is { Mutex: not null, Compensate: CallWorkflowStep })
        {
            context.Problems.Error(
                ProblemCodes.NotForKind, node.Find("compensate")!, "What compensates a step with a 'mutex' takes its lock, and a called workflow takes none: let a step of that workflow name the lock.");
        }

        return site.Step;
    }

    public static Step? ReadCompensation(Node node, ReadContext context)
    {
        StepSite undone = context.Step!;
        if (FindKind(node, context) is not { } kind)
        {
            return null;
        }

        if (!kind.Compensation)
        {
            string kinds = string.Join(", ", StepKinds.All.Where(known => known.Compensation).Select(known => known.Name));
            context.Problems.Error(ProblemCodes.NotForKind, node.Find("type")!, $"A step of kind '{kind.Name}' cannot compensate; one of {kinds} can.");
            return null;
        }

        StepSite site = new(undone.Id + Definition.CompensationSuffix, kind, node, undone.Block, undone);
        context.Steps.Add(site);
        context.Step = site;
        site.Step = kind.ReadCompensation(node, context, site.Id);
        context.Step = undone;
        return site.Step;
    }

    /// <summary>A schema that first looks at <c>type</c>, so that a validator's message is about the kind that was meant.</summary>
    public static void WriteChoice(SchemaWriter schema, IEnumerable<StepKind> kinds, string prefix, Action<StepKind, SchemaWriter> write)
    {
        StepKind[] all = [.. kinds];
        schema.Json.WriteStartObject();
        schema.Json.WriteString("type", "object");
        schema.Json.WriteStartArray("required");
        schema.Json.WriteStringValue("type");
        schema.Json.WriteEndArray();
        schema.Json.WriteStartObject("properties");
        schema.Json.WritePropertyName("type");
        schema.OneOf(all.Select(kind => kind.Name));
        schema.Json.WriteEndObject();
        schema.Json.WriteStartArray("allOf");
        foreach (StepKind kind in all)
        {
            schema.Json.WriteStartObject();
            schema.Json.WriteStartObject("if");
            schema.Json.WriteStartObject("properties");
            schema.Json.WritePropertyName("type");
            schema.OneOf([kind.Name]);
            schema.Json.WriteEndObject();
            schema.Json.WriteEndObject();
            schema.Json.WritePropertyName("then");
            schema.Reference(prefix + kind.Name, definition => write(kind, definition));
            schema.Json.WriteEndObject();
        }

        schema.Json.WriteEndArray();
        schema.Json.WriteEndObject();
    }

    private static bool IsStep(Node node, ReadContext context)
    {
        if (node.Kind is not (NodeKind.Object or NodeKind.Broken))
        {
            context.Problems.Error(ProblemCodes.WrongType, node, "A step must be an object.");
        }

        return node.Kind == NodeKind.Object;
    }

    private static string IdOf(Node node) => node.Find("id") is { Kind: NodeKind.Text } id ? id.Text : "";

    private static void AddSite(StepSite site, ReadContext context)
    {
        context.Steps.Add(site);
        site.Block.Steps.Add(site);
    }

    private static StepKind? FindKind(Node node, ReadContext context)
    {
        Node? type = node.Find("type");
        if (type is null)
        {
            context.Problems.Error(ProblemCodes.MissingField, node, "The field 'type' is missing: the kind of the step.");
            return null;
        }

        if (type.Kind != NodeKind.Text)
        {
            if (type.Kind != NodeKind.Broken)
            {
                context.Problems.Error(ProblemCodes.WrongType, type, "'type' must be a text, the kind of the step.");
            }

            return null;
        }

        StepKind? kind = StepKinds.Find(type.Text);
        if (kind is null)
        {
            string hint = Spelling.Nearest(type.Text, StepKinds.All.Select(known => known.Name));
            context.Problems.Error(ProblemCodes.UnknownKind, type, $"There is no kind of step '{type.Text}'.{hint}");
        }

        return kind;
    }
}
