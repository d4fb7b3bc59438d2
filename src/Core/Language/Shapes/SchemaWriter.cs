using System.Text.Json;

namespace Countersign.Language;

/// <summary>Writes the JSON Schema of the language. Shapes that occur in several places are written once, under <c>$defs</c>.</summary>
internal sealed class SchemaWriter(Utf8JsonWriter writer)
{
    private readonly Dictionary<string, Action<SchemaWriter>> definitions = new(StringComparer.Ordinal);

    public Utf8JsonWriter Json { get; } = writer;

    /// <summary>Definitions that were referred to, and how each is written.</summary>
    public IReadOnlyDictionary<string, Action<SchemaWriter>> Definitions => definitions;

    /// <summary>A schema of one type with further keywords.</summary>
    public void Simple(string type, params (string Keyword, object Value)[] keywords)
    {
        Json.WriteStartObject();
        Json.WriteString("type", type);
        foreach ((string keyword, object value) in keywords)
        {
            switch (value)
            {
                case string text:
                    Json.WriteString(keyword, text);
                    break;
                case int number:
                    Json.WriteNumber(keyword, number);
                    break;
                case double number:
                    Json.WriteNumber(keyword, number);
                    break;
                default:
                    throw new ArgumentException("Keyword values are texts and numbers.", nameof(keywords));
            }
        }

        Json.WriteEndObject();
    }

    /// <summary>A text that is one of some.</summary>
    public void OneOf(IEnumerable<string> values)
    {
        Json.WriteStartObject();
        Json.WriteStartArray("enum");
        foreach (string value in values)
        {
            Json.WriteStringValue(value);
        }

        Json.WriteEndArray();
        Json.WriteEndObject();
    }

    /// <summary>A reference to a definition, which is written at the end if it was not before.</summary>
    public void Reference(string name, Action<SchemaWriter> write)
    {
        definitions.TryAdd(name, write);
        Json.WriteStartObject();
        Json.WriteString("$ref", "#/$defs/" + name);
        Json.WriteEndObject();
    }
}
