using System.Text.Json;

namespace Countersign.Language;

/// <summary>The type of a field: how its value is read, written, described to a JSON Schema validator and to people. Declared once, so that the four cannot disagree.</summary>
internal abstract class FieldType<T>
{
    /// <summary>The type in the words of the reference.</summary>
    public abstract string Words { get; }

    /// <summary>What an object of the type, or an object in a list of it, is made of; null for other types.</summary>
    public virtual ObjectDescription? Parts => null;

    /// <summary>Reads a value.</summary>
    /// <returns>Whether there is one; if not, the reason has been reported.</returns>
    public abstract bool TryRead(Node node, ReadContext context, out T value);

    /// <summary>Writes a value in its normal form.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value);

    /// <summary>Writes the JSON Schema of the type's structure.</summary>
    public abstract void WriteSchema(SchemaWriter schema);

    /// <summary>Reports a value of the wrong JSON type, once: what was refused before is passed over.</summary>
    protected bool Wrong(Node node, ReadContext context, out T value)
    {
        if (node.Kind != NodeKind.Broken)
        {
            string name = node.Key is null ? "This" : $"'{node.Key}'";
            string hint = node.Kind is NodeKind.Number or NodeKind.Boolean && Words.Contains("text", StringComparison.Ordinal) ? "; put it in quotes" : "";
            context.Problems.Error(ProblemCodes.WrongType, node, $"{name} must be {Words}, not {NameOf(node)}{hint}.");
        }

        value = default!;
        return false;
    }

    /// <summary>Reports a value that is refused.</summary>
    protected static bool Refuse(Node node, ReadContext context, string code, string message, out T value)
    {
        context.Problems.Error(code, node, message);
        value = default!;
        return false;
    }

    private static string NameOf(Node node) => node.Kind switch
    {
        NodeKind.Null => "null",
        NodeKind.Boolean => "a boolean",
        NodeKind.Number => "a number",
        NodeKind.Text => "a text",
        NodeKind.List => "a list",
        _ => "an object",
    };
}
