using System.Text.Json;

namespace Countersign.Schemas.Evaluation;

/// <summary>The types of JSON Schema as a set.</summary>
[Flags]
internal enum JsonKinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Number = 4,
    Text = 8,
    Array = 16,
    Object = 32,
    Integer = 64,
    Any = Null | Boolean | Number | Text | Array | Object,
}

internal static class Kinds
{
    private static readonly (string Name, JsonKinds Kind)[] Names =
    [
        ("null", JsonKinds.Null), ("boolean", JsonKinds.Boolean), ("number", JsonKinds.Number), ("string", JsonKinds.Text),
        ("array", JsonKinds.Array), ("object", JsonKinds.Object), ("integer", JsonKinds.Integer),
    ];

    public static JsonKinds Of(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => JsonKinds.Object,
        JsonValueKind.Array => JsonKinds.Array,
        JsonValueKind.String => JsonKinds.Text,
        JsonValueKind.Number => JsonKinds.Number,
        JsonValueKind.Null => JsonKinds.Null,
        _ => JsonKinds.Boolean,
    };

    public static JsonKinds Named(string name) => Array.Find(Names, n => n.Name == name).Kind;

    /// <summary>The types with their articles, such as <c>a string or null</c>.</summary>
    public static string Describe(JsonKinds kinds)
    {
        string[] parts = [.. Names.Where(n => (kinds & n.Kind) != 0).Select(n => WithArticle(n.Name))];
        return parts.Length < 2 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} or {parts[^1]}";
    }

    private static string WithArticle(string name) => name switch
    {
        "null" => "null",
        "array" or "object" or "integer" => "an " + name,
        _ => "a " + name,
    };
}
