namespace Countersign.Language;

/// <summary>Rules over which fields may stand together, for the reader and for validators.</summary>
internal static class Constraints
{
    /// <summary>Reports when not exactly one of some fields is there.</summary>
    public static void RequireExactlyOne(Node node, ReadContext context, params string[] names)
    {
        Node[] present = [.. names.Select(node.Find).OfType<Node>()];
        string all = string.Join(", ", names.Select(name => $"'{name}'"));
        if (present.Length == 0)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, $"One of {all} is needed.");
        }
        else if (present.Length > 1)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, present[1], $"Only one of {all} can be there.");
        }
    }

    /// <summary>Reports when a field is there without another one that it needs.</summary>
    public static void RequireWith(Node node, ReadContext context, string name, string needed)
    {
        if (node.Find(name) is { } child && node.Find(needed) is null)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, child, $"'{name}' means nothing without '{needed}'.");
        }
    }

    /// <summary>The same as <see cref="RequireExactlyOne"/> for validators.</summary>
    public static void ExactlyOne(SchemaWriter schema, params string[] names)
    {
        schema.Json.WriteStartArray("oneOf");
        foreach (string name in names)
        {
            schema.Json.WriteStartObject();
            schema.Json.WriteStartArray("required");
            schema.Json.WriteStringValue(name);
            schema.Json.WriteEndArray();
            schema.Json.WriteEndObject();
        }

        schema.Json.WriteEndArray();
    }
}
