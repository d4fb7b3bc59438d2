using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Language;

/// <summary>A plain text, possibly of a certain form. An expression in it is refused: it would never be evaluated.</summary>
internal sealed class TextType : FieldType<string>
{
    private readonly string words;
    private readonly string? pattern;
    private readonly Regex? form;
    private readonly string code;
    private readonly int most;
    private readonly bool prose;

    private TextType(string words, string? pattern, string code, int most, bool prose)
    {
        this.words = words;
        this.pattern = pattern;
        this.code = code;
        this.most = most;
        this.prose = prose;
        form = pattern is null ? null : new Regex(pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>Text for people.</summary>
    public static TextType Prose { get; } = new("text", null, ProblemCodes.BadValue, 4000, prose: true);

    /// <summary>A name that other systems give, such as a model's.</summary>
    public static TextType Label { get; } = new("text", null, ProblemCodes.BadValue, 256, prose: false);

    /// <summary>The id of a step.</summary>
    public static TextType StepId { get; } = new("text (step id)", "^[a-z][a-z0-9_-]{0,63}$", ProblemCodes.BadId, 64, prose: false);

    /// <summary>The name of a workflow.</summary>
    public static TextType WorkflowName { get; } = new("text (workflow name)", "^[a-z][a-z0-9-]{0,63}$", ProblemCodes.BadId, 64, prose: false);

    /// <summary>A name that becomes a member of an output.</summary>
    public static TextType Identifier { get; } = new("text (identifier)", "^[A-Za-z_][A-Za-z0-9_]{0,63}$", ProblemCodes.BadId, 64, prose: false);

    /// <summary>An error type.</summary>
    public static TextType ErrorType { get; } = new("text (error type)", "^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)*$", ProblemCodes.BadValue, 128, prose: false);

    /// <summary>An error type to catch.</summary>
    public static TextType CaughtType { get; } = new("text (error type or `*`)", "^(\\*|[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)*)$", ProblemCodes.BadValue, 128, prose: false);

    /// <summary>The type of an event of the workflow's own.</summary>
    public static TextType CustomEvent { get; } = new("text (`custom.…`)", "^custom(\\.[a-z0-9]+(_+[a-z0-9]+)*)+$", ProblemCodes.BadValue, 128, prose: false);

    /// <summary>A regular expression; whether it is safe to run is checked where it is used.</summary>
    public static TextType Pattern { get; } = new("text (regular expression)", null, ProblemCodes.BadPattern, 256, prose: true);

    public override string Words => words;

    public override bool TryRead(Node node, ReadContext context, out string value)
    {
        value = node.Text;
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        if (!prose && value.Contains("${", StringComparison.Ordinal))
        {
            return Refuse(node, context, ProblemCodes.TemplateNotAllowed, "Expressions are not evaluated in this field; it takes plain text.", out value);
        }

        if (value.Length > most || (value.Length == 0 && !prose))
        {
            return Refuse(node, context, code, $"The text has {value.Length} characters; {(prose ? 0 : 1)} to {most} are allowed.", out value);
        }

        return form is null || form.IsMatch(value)
            || Refuse(node, context, code, $"'{value}' is not of the form {pattern}.", out value);
    }

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override void WriteSchema(SchemaWriter schema)
    {
        List<(string, object)> keywords = [("maxLength", most)];
        if (!prose)
        {
            keywords.Add(("minLength", 1));
        }

        if (pattern is not null)
        {
            keywords.Add(("pattern", pattern));
        }

        schema.Simple("string", [.. keywords]);
    }
}

/// <summary>One of some words, each of which stands for a value.</summary>
internal sealed class ChoiceType<T>(params (string Word, T Value)[] choices) : FieldType<T>
{
    public override string Words => string.Join(", ", choices.Select(choice => $"`{choice.Word}`"));

    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        foreach ((string word, T known) in choices)
        {
            if (word == node.Text)
            {
                value = known;
                return true;
            }
        }

        string hint = Spelling.Nearest(node.Text, choices.Select(choice => choice.Word));
        return Refuse(node, context, ProblemCodes.BadValue, $"'{node.Text}' is none of {Words}.{hint}", out value);
    }

    /// <summary>A value that is none of the choices, which only code can hold, is written as it is: the reader then says what is wrong with it.</summary>
    public override void Write(Utf8JsonWriter writer, T value)
        => writer.WriteStringValue(choices.FirstOrDefault(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word ?? value?.ToString());

    public override void WriteSchema(SchemaWriter schema) => schema.OneOf(choices.Select(choice => choice.Word));
}
