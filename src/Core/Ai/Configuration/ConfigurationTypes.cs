using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Language;

namespace Countersign.Ai;

/// <summary>A name of a certain form. What was written instead is never repeated: it may be a key that stands in the wrong place.</summary>
internal sealed class NameType(string words, string pattern) : FieldType<string>
{
    private readonly Regex form = new(pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>The name of a provider.</summary>
    public static NameType Provider { get; } = new("text (provider name)", "^[a-z][a-z0-9-]{0,63}$");

    /// <summary>The name of an environment variable.</summary>
    public static NameType Variable { get; } = new("text (name of an environment variable)", "^[A-Za-z_][A-Za-z0-9_]{0,127}$");

    /// <summary>The name of a secret.</summary>
    public static NameType Secret { get; } = new("text (name of a secret)", "^[a-z0-9][a-z0-9_.-]{0,63}$");

    /// <summary>A model with its provider.</summary>
    public static NameType PricedModel { get; } = new("text (`provider/model`)", "^[a-z][a-z0-9-]{0,63}/[!-~]{1,256}$");

    /// <summary>The scope of a token.</summary>
    public static NameType Scope { get; } = new("text (scope)", "^https://[!-~]{1,200}/\\.default$");

    public override string Words => words;

    public override bool TryRead(Node node, ReadContext context, out string value)
    {
        value = node.Text;
        return node.Kind == NodeKind.Text
            ? form.IsMatch(value) || Refuse(node, context, ProblemCodes.BadValue, $"'{node.Key}' is not of the form {pattern}.", out value)
            : Wrong(node, context, out value);
    }

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("string", ("pattern", pattern));
}

/// <summary>The address of an interface.</summary>
internal sealed class EndpointType : FieldType<Uri>
{
    public static EndpointType Instance { get; } = new();

    public override string Words => "text (URL)";

    public override bool TryRead(Node node, ReadContext context, out Uri value)
    {
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        return Uri.TryCreate(node.Text, UriKind.Absolute, out value!)
            && value.Scheme is "http" or "https"
            && value.UserInfo.Length == 0
            && value.Query.Length == 0
            && value.Fragment.Length == 0
            || Refuse(node, context, ProblemCodes.BadValue, $"'{node.Key}' must be an absolute http or https URL without user name, query and fragment.", out value);
    }

    public override void Write(Utf8JsonWriter writer, Uri value) => writer.WriteStringValue(value.AbsoluteUri);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("string", ("pattern", "^https?://"));
}

/// <summary>An amount of US dollars, exact.</summary>
internal sealed class DollarType : FieldType<decimal>
{
    private const int Most = 1_000_000;

    public static DollarType Instance { get; } = new();

    public override string Words => string.Create(CultureInfo.InvariantCulture, $"number, 0 to {Most}");

    public override bool TryRead(Node node, ReadContext context, out decimal value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            return Wrong(node, context, out value);
        }

        return decimal.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= Most
            || Refuse(node, context, ProblemCodes.OutOfRange, $"{node.Text} is out of range; 0 to {Most} US dollars for a million tokens are allowed.", out value);
    }

    public override void Write(Utf8JsonWriter writer, decimal value) => writer.WriteNumberValue(value);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("number", ("minimum", 0), ("maximum", Most));
}
