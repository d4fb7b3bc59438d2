using System.Text.Json;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Compilation;

/// <summary>The first look at a document: size, depth, repeated names, broken Unicode. What passes may be walked without care.</summary>
internal sealed class SchemaMeasure(SchemaDocument document, SchemaOptions limits, ProblemList problems)
{
    private const int LongestNumber = 1000;

    private int values;

    /// <summary>Whether the document may be compiled.</summary>
    public bool Passes()
    {
        if (document.Root.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            problems.Add(document, "", SchemaCodes.Invalid, "a schema is an object, true or false");
            return false;
        }

        return Walk(document.Root, "", 1);
    }

    private bool Walk(JsonElement value, string pointer, int depth)
    {
        if (++values > limits.MaxSchemaValues)
        {
            problems.Add(document, "", SchemaCodes.TooLarge, $"the schema holds more than {limits.MaxSchemaValues} values");
            return false;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when depth > limits.MaxSchemaDepth:
                problems.Add(document, pointer, SchemaCodes.TooDeep, $"the schema is nested deeper than {limits.MaxSchemaDepth} levels");
                return false;
            case JsonValueKind.Object:
                return WalkObject(value, pointer, depth);
            case JsonValueKind.Array:
                return WalkArray(value, pointer, depth);
            case JsonValueKind.Number when value.GetRawText().Length > LongestNumber:
                problems.Add(document, pointer, SchemaCodes.TooLarge, $"a number of the schema has more than {LongestNumber} characters");
                return false;
            case JsonValueKind.String when !JsonText.TryGetString(value, out _):
                problems.Add(document, pointer, SchemaCodes.Invalid, "the text is not valid Unicode");
                return false;
            default:
                return true;
        }
    }

    private bool WalkObject(JsonElement value, string pointer, int depth)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            ReadOnlySpan<byte> bytes = JsonText.NameOf(member);
            string name = JsonText.Display(bytes);
            if (!System.Text.Unicode.Utf8.IsValid(bytes))
            {
                problems.Add(document, pointer, SchemaCodes.Invalid, "the name of a member is not valid Unicode");
                return false;
            }

            if (!names.Add(name))
            {
                problems.Add(document, JsonPointer.Append(pointer, name), SchemaCodes.DuplicateName, $"the name \"{name}\" is given twice; only one can hold");
                return false;
            }

            if (!Walk(member.Value, JsonPointer.Append(pointer, name), depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private bool WalkArray(JsonElement value, string pointer, int depth)
    {
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (!Walk(item, JsonPointer.Append(pointer, index++), depth + 1))
            {
                return false;
            }
        }

        return true;
    }
}
