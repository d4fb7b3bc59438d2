using System.Text.Json;

namespace Countersign.Language;

/// <summary>A JSON value whose strings may hold <c>${ expression }</c>. A string that is exactly one expression yields the expression's value; otherwise the parts are joined as text. <c>$${</c> stands for the characters <c>${</c>.</summary>
public sealed class Template
{
    private Template(JsonElement source) => Source = source;

    /// <summary>The template that yields null.</summary>
    public static Template Null { get; } = new(JsonDocument.Parse("null").RootElement);

    /// <summary>The value as written.</summary>
    public JsonElement Source { get; }
}
