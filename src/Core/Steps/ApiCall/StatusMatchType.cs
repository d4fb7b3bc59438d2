using System.Globalization;
using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>A status (<c>204</c>) or a class of statuses (<c>2xx</c>).</summary>
internal sealed class StatusMatchType : FieldType<StatusMatch>
{
    public override string Words => "status (`204` or `2xx`)";

    public override bool TryRead(Node node, ReadContext context, out StatusMatch value)
    {
        value = default;
        if (node.Kind is not (NodeKind.Number or NodeKind.Text))
        {
            return Wrong(node, context, out value);
        }

        string text = node.Text;
        if (node.Kind == NodeKind.Text && text.Length == 3 && text[0] is >= '1' and <= '5' && text.EndsWith("xx", StringComparison.Ordinal))
        {
            int first = (text[0] - '0') * 100;
            value = new StatusMatch(first, first + 99);
            return true;
        }

        if (node.Kind == NodeKind.Number
            && double.Parse(text, CultureInfo.InvariantCulture) is >= 100 and <= 599 and double number
            && number == Math.Truncate(number))
        {
            value = new StatusMatch((int)number, (int)number);
            return true;
        }

        return Refuse(node, context, ProblemCodes.BadValue, $"'{text}' is neither a status such as 204 nor a class such as 2xx.", out value);
    }

    public override void Write(Utf8JsonWriter writer, StatusMatch value)
    {
        if (value.First == value.Last)
        {
            writer.WriteNumberValue(value.First);
        }
        else
        {
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value.First / 100}xx"));
        }
    }

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteStartArray("anyOf");
        schema.Simple("integer", ("minimum", 100), ("maximum", 599));
        schema.Simple("string", ("pattern", "^[1-5]xx$"));
        schema.Json.WriteEndArray();
        schema.Json.WriteEndObject();
    }
}
