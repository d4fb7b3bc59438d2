using System.Text.Json;

namespace Countersign.Language;

/// <summary>The version of a workflow.</summary>
internal sealed class VersionType : FieldType<SemanticVersion>
{
    private const string Core = "(0|[1-9][0-9]{0,8})";
    private const string Identifier = "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";

    /// <summary>The form of a version, for validators.</summary>
    public const string Pattern = "^" + Core + "\\." + Core + "\\." + Core + "(-" + Identifier + "(\\." + Identifier + ")*)?$";

    public static VersionType Instance { get; } = new();

    public override string Words => "text (version)";

    public override bool TryRead(Node node, ReadContext context, out SemanticVersion value)
    {
        value = null!;
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        return SemanticVersion.TryParse(node.Text, out value!)
            || Refuse(node, context, ProblemCodes.BadVersion, $"'{node.Text}' is no version such as 1.2.0.", out value);
    }

    public override void Write(Utf8JsonWriter writer, SemanticVersion value) => writer.WriteStringValue(value.ToString());

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("string", ("pattern", Pattern), ("maxLength", 128));
}

/// <summary>The version of the language.</summary>
internal sealed class LanguageVersionType : FieldType<SemanticVersion>
{
    public static LanguageVersionType Instance { get; } = new();

    public override string Words => "text (`major.minor`)";

    public override bool TryRead(Node node, ReadContext context, out SemanticVersion value)
    {
        value = null!;
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        return SemanticVersion.TryParseLanguage(node.Text, out value!)
            || Refuse(node, context, ProblemCodes.BadVersion, $"'{node.Text}' is no version of the language such as \"1.0\".", out value);
    }

    public override void Write(Utf8JsonWriter writer, SemanticVersion value) => writer.WriteStringValue(value.ToLanguageString());

    public override void WriteSchema(SchemaWriter schema)
        => schema.Simple("string", ("pattern", $"^{LanguageVersion.Current.Major}\\.(0|[1-9][0-9]{{0,8}})$"));
}

/// <summary>Which versions of a workflow are accepted.</summary>
internal sealed class VersionRangeType : FieldType<VersionRange>
{
    public static VersionRangeType Instance { get; } = new();

    public override string Words => "text (`1.2.0`, `1.2.x` or `1.x`)";

    public override bool TryRead(Node node, ReadContext context, out VersionRange value)
    {
        value = null!;
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        return VersionRange.TryParse(node.Text, out value!)
            || Refuse(node, context, ProblemCodes.BadVersion, $"'{node.Text}' is neither a version such as 1.2.0 nor a line such as 1.x.", out value);
    }

    public override void Write(Utf8JsonWriter writer, VersionRange value) => writer.WriteStringValue(value.ToString());

    public override void WriteSchema(SchemaWriter schema)
        => schema.Simple("string", ("pattern", $"({VersionType.Pattern})|(^(0|[1-9][0-9]{{0,8}})(\\.(0|[1-9][0-9]{{0,8}}))?\\.x$)"), ("maxLength", 128));
}
