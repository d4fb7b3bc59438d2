using System.Text.Json;

namespace Countersign.Language;

/// <summary>A lock: its name alone, or an object with its terms. The normal form of one that stands at its defaults is the name.</summary>
internal sealed class MutexType : FieldType<StepMutex>
{
    private static readonly ObjectType<StepMutex> Full = new("mutex", () => new Shape<StepMutex>(() => new StepMutex())
        .Required("name", LockNameType.Instance, m => m.Name, (m, v) => m with { Name = v }, "Name of the lock, 1 to 200 characters: of all steps of the tenant that name it, one is at work at a time.")
        .Default("wait", DurationType.Wait, StepMutex.DefaultWait, m => m.Wait, (m, v) => m with { Wait = v }, "How long the step waits in line before it fails with `mutex.timeout`."));

    public static MutexType Instance { get; } = new();

    public override string Words => "text template or object (mutex)";

    public override ObjectDescription? Parts => Full.Parts;

    public override bool TryRead(Node node, ReadContext context, out StepMutex value)
    {
        if (node.Kind == NodeKind.Object)
        {
            return Full.TryRead(node, context, out value);
        }

        value = new StepMutex();
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        bool read = LockNameType.Instance.TryRead(node, context, out Template name);
        value = value with { Name = name };
        return read;
    }

    public override void Write(Utf8JsonWriter writer, StepMutex value)
    {
        if (value.Wait == StepMutex.DefaultWait)
        {
            LockNameType.Instance.Write(writer, value.Name);
        }
        else
        {
            Full.Write(writer, value);
        }
    }

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteStartArray("anyOf");
        LockNameType.Instance.WriteSchema(schema);
        Full.WriteSchema(schema);
        schema.Json.WriteEndArray();
        schema.Json.WriteEndObject();
    }

    /// <summary>A template that yields the name of a lock.</summary>
    private sealed class LockNameType : FieldType<Template>
    {
        public static LockNameType Instance { get; } = new();

        public override string Words => TemplateType.Text.Words;

        public override bool TryRead(Node node, ReadContext context, out Template value)
        {
            if (!TemplateType.Text.TryRead(node, context, out value))
            {
                return false;
            }

            return !value.IsConstant || StepMutex.IsName(value.Source.GetString()!)
                || Refuse(node, context, ProblemCodes.BadValue, $"A lock's name has 1 to {StepMutex.LongestName} characters, not all of them blank, and no control characters.", out value);
        }

        public override void Write(Utf8JsonWriter writer, Template value) => TemplateType.Text.Write(writer, value);

        public override void WriteSchema(SchemaWriter schema) => schema.Simple("string", ("minLength", 1));
    }
}
