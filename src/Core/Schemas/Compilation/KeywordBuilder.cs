using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Keywords;
using Countersign.Schemas.Patterns;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Compilation;

/// <summary>
/// Builds the keywords of one schema, cheap ones first. A value of the wrong kind is a problem here too, because places that
/// only a reference makes a schema (such as an unknown keyword) are beyond the reach of the meta-schema.
/// </summary>
internal sealed partial class KeywordBuilder(SchemaCompiler compiler, SchemaNode node, JsonElement schema)
{
    private readonly List<Keyword> built = [];
    private readonly Dialect dialect = node.Resource.Dialect;

    public IReadOnlyList<Keyword> Build()
    {
        if (dialect.Has(Vocabularies.Validation))
        {
            BuildValues();
            BuildNumbers();
            BuildTexts();
            BuildSizes();
        }

        BuildFormat();
        BuildMembers();
        BuildDependencies();
        BuildItems();
        BuildReferences();
        if (dialect.Has(Vocabularies.Applicator))
        {
            BuildCombinations();
        }

        BuildUnevaluated();
        CompileUnusedSubschemas();
        return built;
    }

    private void BuildValues()
    {
        if (Has("type", out JsonElement type))
        {
            BuildType(type);
        }

        if (Has("const", out JsonElement constant))
        {
            built.Add(ChoiceKeyword.Const(node, constant, compiler.Budget));
        }

        if (Has("enum", JsonValueKind.Array, "an array", out JsonElement choices))
        {
            built.Add(ChoiceKeyword.Enum(node, choices, compiler.Budget));
        }
    }

    private void BuildType(JsonElement type)
    {
        JsonKinds kinds = JsonKinds.None;
        IEnumerable<JsonElement> names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : [type];
        foreach (JsonElement name in names)
        {
            JsonKinds kind = name.ValueKind == JsonValueKind.String ? Kinds.Named(name.GetString()!) : JsonKinds.None;
            if (kind == JsonKinds.None)
            {
                Refuse("type", "type must name types: null, boolean, object, array, number, string or integer");
                return;
            }

            kinds |= kind;
        }

        built.Add(new TypeKeyword(node, kinds));
    }

    private void BuildNumbers()
    {
        foreach (string name in new[] { "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum" })
        {
            if (Has(name, JsonValueKind.Number, "a number", out JsonElement limit))
            {
                built.Add(new NumberLimitKeyword(node, name, limit));
            }
        }

        if (Has("multipleOf", JsonValueKind.Number, "a number", out JsonElement divisor))
        {
            if (JsonNumber.Of(divisor).CompareTo(JsonNumber.Parse("0"u8)) > 0)
            {
                built.Add(new MultipleOfKeyword(node, divisor));
            }
            else
            {
                Refuse("multipleOf", "multipleOf must be more than 0");
            }
        }
    }

    private void BuildTexts()
    {
        foreach (string name in new[] { "minLength", "maxLength" })
        {
            if (HasCount(name) is { } limit)
            {
                built.Add(new LengthKeyword(node, name, limit));
            }
        }

        if (Has("pattern", JsonValueKind.String, "a string", out JsonElement pattern) && Pattern(pattern.GetString()!, "pattern") is { } safe)
        {
            built.Add(new PatternKeyword(node, safe));
        }
    }

    private void BuildSizes()
    {
        foreach (string name in new[] { "minItems", "maxItems", "minProperties", "maxProperties" })
        {
            if (HasCount(name) is { } limit)
            {
                built.Add(new SizeKeyword(node, name, limit));
            }
        }

        if (Has("uniqueItems", out JsonElement unique))
        {
            if (unique.ValueKind == JsonValueKind.True)
            {
                built.Add(new UniqueItemsKeyword(node));
            }
            else if (unique.ValueKind != JsonValueKind.False)
            {
                Refuse("uniqueItems", "uniqueItems must be true or false");
            }
        }
    }

    private void BuildFormat()
    {
        bool obliged = dialect.Has(Vocabularies.FormatAssertion);
        if (!(obliged || (compiler.AssertFormats && dialect.Has(Vocabularies.FormatAnnotation)))
            || !Has("format", JsonValueKind.String, "a string", out JsonElement name))
        {
            return;
        }

        if (Formats.TextFormat.Find(name.GetString()!) is { } format)
        {
            built.Add(new FormatKeyword(node, format));
        }
        else if (obliged)
        {
            Problem("format", SchemaCodes.UnknownFormat, $"the format {name.GetString()} is not known, and the format-assertion vocabulary demands that it is checked");
        }
    }

    private SafePattern? Pattern(string source, params ReadOnlySpan<string> place)
    {
        SafePattern? pattern = compiler.Patterns.Get(source, out string code, out string message);
        if (pattern is null)
        {
            compiler.Problems.Add(node.Resource.Document, PointerTo(place), code, message);
        }

        return pattern;
    }

    private bool Has(string name, out JsonElement value) => schema.TryGetProperty(name, out value);

    private bool Has(string name, JsonValueKind kind, string kindText, out JsonElement value)
    {
        if (!schema.TryGetProperty(name, out value))
        {
            return false;
        }

        if (value.ValueKind != kind)
        {
            Refuse(name, $"{name} must be {kindText}");
            return false;
        }

        return true;
    }

    private int? HasCount(string name)
    {
        if (!Has(name, JsonValueKind.Number, "a number", out JsonElement value))
        {
            return null;
        }

        JsonNumber number = JsonNumber.Of(value);
        if (number.IsInteger && number.CompareTo(JsonNumber.Parse("0"u8)) >= 0)
        {
            return number.ToCount();
        }

        Refuse(name, $"{name} must be a whole number of at least 0");
        return null;
    }

    private string PointerTo(params ReadOnlySpan<string> tokens)
    {
        string pointer = node.Pointer;
        foreach (string token in tokens)
        {
            pointer = JsonPointer.Append(pointer, token);
        }

        return pointer;
    }

    private void Refuse(string name, string message) => Problem(name, SchemaCodes.Invalid, message);

    private void Problem(string name, string code, string message) =>
        compiler.Problems.Add(node.Resource.Document, PointerTo(name), code, message);
}
