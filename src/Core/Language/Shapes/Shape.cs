using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>One field of a shape as the reference shows it.</summary>
/// <param name="Name">Its name in documents.</param>
/// <param name="Type">Its type in words.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Default">The default in the form of documents; null for none.</param>
/// <param name="Words">What it means.</param>
/// <param name="Parts">What its objects are made of; null where it holds none.</param>
internal sealed record FieldDescription(string Name, string Type, bool Required, string? Default, string Words, Func<ObjectDescription?>? Parts = null);

/// <summary>An object as the reference shows it.</summary>
internal sealed record ObjectDescription(string Name, IReadOnlyList<FieldDescription> Fields);

/// <summary>The fields of an object, each declared once with how it is got from and put into the record it belongs to.</summary>
internal sealed class Shape<T>(Func<T> create) where T : class
{
    private readonly List<Field> fields = [];
    private readonly List<Action<T, Node, ReadContext>> rules = [];
    private Action<SchemaWriter>? constraints;

    public IEnumerable<FieldDescription> Fields => fields.Select(declared => declared.Description);

    /// <summary>A field that must be there.</summary>
    public Shape<T> Required<V>(string name, FieldType<V> type, Func<T, V> get, Func<T, V, T> set, string words)
        => Add(new Field<V>(new FieldDescription(name, type.Words, true, null, words, () => type.Parts), type, get, set, static _ => false));

    /// <summary>A field of a reference type that may be left out.</summary>
    public Shape<T> Optional<V>(string name, FieldType<V> type, Func<T, V?> get, Func<T, V, T> set, string words) where V : class
        => Add(new Field<V>(new FieldDescription(name, type.Words, false, null, words, () => type.Parts), type, get!, set, static value => value is null));

    /// <summary>A field of a value type that may be left out.</summary>
    public Shape<T> OptionalValue<V>(string name, FieldType<V> type, Func<T, V?> get, Func<T, V, T> set, string words) where V : struct
    {
        FieldDescription description = new(name, type.Words, false, null, words, () => type.Parts);
        return Add(new ValueField<V>(description, type, get, set));
    }

    /// <summary>A field that stands at a default when it is left out, and is left out when it stands at it.</summary>
    public Shape<T> Default<V>(string name, FieldType<V> type, V @default, Func<T, V> get, Func<T, V, T> set, string words)
    {
        FieldDescription description = new(name, type.Words, false, Text(type, @default), words, () => type.Parts);
        return Add(new Field<V>(description, type, get, set, value => EqualityComparer<V>.Default.Equals(value, @default)));
    }

    /// <summary>A list that is empty when it is left out.</summary>
    public Shape<T> List<V>(string name, ListType<V> type, Func<T, ImmutableArray<V>> get, Func<T, ImmutableArray<V>, T> set, string words)
        => Add(new Field<ImmutableArray<V>>(
            new FieldDescription(name, type.Words, false, null, words, () => type.Parts), type, get, set, static value => value.IsDefaultOrEmpty));

    /// <summary>A check over several fields, run when all of them could be read.</summary>
    public Shape<T> Rule(Action<T, Node, ReadContext> rule)
    {
        rules.Add(rule);
        return this;
    }

    /// <summary>A field that always holds the same word, by which the object is known before it is read.</summary>
    public Shape<T> Constant(string name, string word, string words) => Add(new ConstantField(new FieldDescription(name, $"`{word}`", true, null, words), word));

    /// <summary>Further keywords of the object's JSON Schema, for the rules that it can express.</summary>
    public Shape<T> Constrain(Action<SchemaWriter> write)
    {
        constraints = write;
        return this;
    }

    /// <summary>Reads an object. Every field is read whatever the others hold, so that all problems show at once.</summary>
    /// <returns>The value, or null where a field could not be read.</returns>
    public T? Read(Node node, ReadContext context, Func<Node, bool>? unknown = null)
    {
        bool whole = true;
        T value = create();
        foreach (Node child in node.Children)
        {
            if (!fields.Exists(field => field.Description.Name == child.Key) && unknown?.Invoke(child) != true)
            {
                string hint = Spelling.Nearest(child.Key!, fields.Select(field => field.Description.Name));
                context.Problems.ErrorAtKey(ProblemCodes.UnknownField, child, $"There is no field '{child.Key}' here.{hint}");
            }
        }

        foreach (Field field in fields)
        {
            if (node.Find(field.Description.Name) is { } child)
            {
                whole &= field.TryRead(child, context, ref value);
            }
            else if (field.Description.Required)
            {
                context.Problems.Error(ProblemCodes.MissingField, node, $"The field '{field.Description.Name}' is missing: {field.Description.Words}");
                whole = false;
            }
        }

        if (!whole)
        {
            return null;
        }

        foreach (Action<T, Node, ReadContext> rule in rules)
        {
            rule(value, node, context);
        }

        return value;
    }

    /// <summary>Writes the members of the object, without its braces; what stands at its default is left out.</summary>
    public void WriteMembers(Utf8JsonWriter writer, T value)
    {
        foreach (Field field in fields)
        {
            field.Write(writer, value);
        }
    }

    /// <summary>Writes the JSON Schema of the object.</summary>
    public void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteString("type", "object");
        schema.Json.WriteStartObject("properties");
        foreach (Field field in fields)
        {
            schema.Json.WritePropertyName(field.Description.Name);
            field.WriteSchema(schema);
        }

        schema.Json.WriteEndObject();
        schema.Json.WriteStartArray("required");
        foreach (string name in fields.Where(field => field.Description.Required).Select(field => field.Description.Name))
        {
            schema.Json.WriteStringValue(name);
        }

        schema.Json.WriteEndArray();
        schema.Json.WriteBoolean("additionalProperties", false);
        constraints?.Invoke(schema);
        schema.Json.WriteEndObject();
    }

    private static string Text<V>(FieldType<V> type, V value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            type.Write(writer, value);
        }

        return Encoding.UTF8.GetString(stream.ToArray()).Trim('"');
    }

    private Shape<T> Add(Field field)
    {
        fields.Add(field);
        return this;
    }

    private abstract class Field(FieldDescription description)
    {
        public FieldDescription Description { get; } = description;

        public abstract bool TryRead(Node node, ReadContext context, ref T target);

        public abstract void Write(Utf8JsonWriter writer, T source);

        public abstract void WriteSchema(SchemaWriter schema);
    }

    private sealed class ConstantField(FieldDescription description, string word) : Field(description)
    {
        public override bool TryRead(Node node, ReadContext context, ref T target) => true;

        public override void Write(Utf8JsonWriter writer, T source) => writer.WriteString(Description.Name, word);

        public override void WriteSchema(SchemaWriter schema) => schema.OneOf([word]);
    }

    private sealed class Field<V>(FieldDescription description, FieldType<V> type, Func<T, V> get, Func<T, V, T> set, Func<V, bool> isAbsent)
        : Field(description)
    {
        public override bool TryRead(Node node, ReadContext context, ref T target)
        {
            if (!type.TryRead(node, context, out V value))
            {
                return false;
            }

            target = set(target, value);
            return true;
        }

        public override void Write(Utf8JsonWriter writer, T source)
        {
            V value = get(source);
            if (!isAbsent(value))
            {
                writer.WritePropertyName(Description.Name);
                type.Write(writer, value);
            }
        }

        public override void WriteSchema(SchemaWriter schema) => type.WriteSchema(schema);
    }

    private sealed class ValueField<V>(FieldDescription description, FieldType<V> type, Func<T, V?> get, Func<T, V, T> set)
        : Field(description) where V : struct
    {
        public override bool TryRead(Node node, ReadContext context, ref T target)
        {
            if (!type.TryRead(node, context, out V value))
            {
                return false;
            }

            target = set(target, value);
            return true;
        }

        public override void Write(Utf8JsonWriter writer, T source)
        {
            if (get(source) is { } value)
            {
                writer.WritePropertyName(Description.Name);
                type.Write(writer, value);
            }
        }

        public override void WriteSchema(SchemaWriter schema) => type.WriteSchema(schema);
    }
}
