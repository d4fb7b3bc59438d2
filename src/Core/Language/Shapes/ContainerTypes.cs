using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>A list of values of one type.</summary>
internal sealed class ListType<T>(FieldType<T> item, int least, int most) : FieldType<ImmutableArray<T>>
{
    public override string Words => $"list of {item.Words}";

    public override ObjectDescription? Parts => item.Parts;

    public override bool TryRead(Node node, ReadContext context, out ImmutableArray<T> value)
    {
        value = [];
        if (node.Kind != NodeKind.List)
        {
            return Wrong(node, context, out value);
        }

        if (node.Children.Count < least || node.Children.Count > most)
        {
            return Refuse(node, context, ProblemCodes.OutOfRange, $"'{node.Key}' has {node.Children.Count} items; {least} to {most} are allowed.", out value);
        }

        ImmutableArray<T>.Builder items = ImmutableArray.CreateBuilder<T>(node.Children.Count);
        foreach (Node child in node.Children)
        {
            if (item.TryRead(child, context, out T read))
            {
                items.Add(read);
            }
        }

        value = items.ToImmutable();
        return value.Length == node.Children.Count;
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value)
    {
        writer.WriteStartArray();
        foreach (T entry in value)
        {
            item.Write(writer, entry);
        }

        writer.WriteEndArray();
    }

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteString("type", "array");
        schema.Json.WritePropertyName("items");
        item.WriteSchema(schema);
        schema.Json.WriteNumber("minItems", least);
        schema.Json.WriteNumber("maxItems", most);
        schema.Json.WriteEndObject();
    }
}

/// <summary>An object with declared fields.</summary>
/// <param name="name">Its name in the language's schema and in the reference.</param>
/// <param name="shape">Its fields; made on first use, because shapes may contain each other.</param>
internal sealed class ObjectType<T>(string name, Func<Shape<T>> shape) : FieldType<T> where T : class
{
    private readonly Lazy<Shape<T>> shape = new(shape);

    public override string Words => $"object ({name})";

    public override ObjectDescription? Parts => new(name, [.. Shape.Fields]);

    public Shape<T> Shape => shape.Value;

    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        if (node.Kind != NodeKind.Object)
        {
            return Wrong(node, context, out value);
        }

        value = Shape.Read(node, context)!;
        return value is not null;
    }

    public override void Write(Utf8JsonWriter writer, T value)
    {
        writer.WriteStartObject();
        Shape.WriteMembers(writer, value);
        writer.WriteEndObject();
    }

    public override void WriteSchema(SchemaWriter schema)
        => schema.Reference(name.Replace(' ', '_'), definition => Shape.WriteSchema(definition));
}

/// <summary>Any JSON value, or any object.</summary>
internal sealed class JsonType(bool objectOnly) : FieldType<JsonElement>
{
    /// <summary>Any value.</summary>
    public static JsonType Any { get; } = new(objectOnly: false);

    /// <summary>Any object.</summary>
    public static JsonType Object { get; } = new(objectOnly: true);

    public override string Words => objectOnly ? "object" : "any value";

    public override bool TryRead(Node node, ReadContext context, out JsonElement value)
    {
        if (objectOnly && node.Kind != NodeKind.Object)
        {
            return Wrong(node, context, out value);
        }

        value = node.ToJson();
        return true;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value) => value.WriteTo(writer);

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        if (objectOnly)
        {
            schema.Json.WriteString("type", "object");
        }

        schema.Json.WriteEndObject();
    }
}

/// <summary>A JSON Schema. Whether it is a valid one is checked when the whole document has been read.</summary>
internal sealed class SchemaType : FieldType<JsonElement>
{
    public static SchemaType Instance { get; } = new();

    public override string Words => "JSON Schema 2020-12";

    public override bool TryRead(Node node, ReadContext context, out JsonElement value)
    {
        if (node.Kind is not (NodeKind.Object or NodeKind.Boolean))
        {
            return Wrong(node, context, out value);
        }

        value = node.ToJson();
        context.Schemas.Add(new SchemaSite(context.Step, node, value));
        return true;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value) => value.WriteTo(writer);

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteStartArray("type");
        schema.Json.WriteStringValue("object");
        schema.Json.WriteStringValue("boolean");
        schema.Json.WriteEndArray();
        schema.Json.WriteEndObject();
    }
}
