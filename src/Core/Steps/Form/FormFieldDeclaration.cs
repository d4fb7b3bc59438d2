using System.Text.Json;
using Countersign.Language;
using Countersign.Schemas;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="FormField"/>.</summary>
internal static class FormFieldDeclaration
{
    private static readonly ChoiceType<FormFieldType> FieldTypeChoice = new(
        ("string", FormFieldType.String), ("text", FormFieldType.Text), ("number", FormFieldType.Number), ("integer", FormFieldType.Integer),
        ("boolean", FormFieldType.Boolean), ("date", FormFieldType.Date), ("email", FormFieldType.Email), ("choice", FormFieldType.Choice));

    public static ObjectType<FormField> Type { get; } = new("form field", () => new Shape<FormField>(() => new FormField())
        .Required("key", TextType.Identifier, f => f.Key, (f, v) => f with { Key = v }, "Name of the value in the step's output.")
        .Required("type", FieldTypeChoice, f => f.Type, (f, v) => f with { Type = v }, "What the field takes.")
        .Optional("label", TextType.Prose, f => f.Label, (f, v) => f with { Label = v }, "What people read beside the field; left out, the key.")
        .Default("required", FlagType.Instance, false, f => f.Required, (f, v) => f with { Required = v }, "Whether the form cannot be sent without it.")
        .Optional("pattern", TextType.Pattern, f => f.Pattern, (f, v) => f with { Pattern = v }, "Regular expression the whole text must match; for `string`, `text` and `email`.")
        .List("options", new ListType<string>(TextType.Label, 1, 500), f => f.Options, (f, v) => f with { Options = v }, "What can be chosen; required for `choice`.")
        .OptionalValue("min", NumberType.Any, f => f.Min, (f, v) => f with { Min = v }, "Smallest number, or smallest length of a text.")
        .OptionalValue("max", NumberType.Any, f => f.Max, (f, v) => f with { Max = v }, "Largest number, or largest length of a text.")
        .OptionalValue("default", JsonType.Any, f => f.Default, (f, v) => f with { Default = v }, "The value shown at first.")
        .Rule(Check));

    private static void Check(FormField field, Node node, ReadContext context)
    {
        bool text = field.Type is FormFieldType.String or FormFieldType.Text or FormFieldType.Email;
        bool number = field.Type is FormFieldType.Number or FormFieldType.Integer;
        RefuseUnless(text, "pattern", "only texts have a pattern", node, context);
        RefuseUnless(field.Type == FormFieldType.Choice, "options", "only a choice has options", node, context);
        RefuseUnless(text || number, "min", "only numbers and texts have a least value", node, context);
        RefuseUnless(text || number, "max", "only numbers and texts have a largest value", node, context);
        if (field.Type == FormFieldType.Choice && field.Options.IsEmpty)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "A choice needs 'options' to choose from.");
        }

        if (field.Options.Distinct(StringComparer.Ordinal).Count() != field.Options.Length)
        {
            context.Problems.Error(ProblemCodes.DuplicateId, node.Find("options")!, "An option is there twice.");
        }

        if (text && new[] { field.Min, field.Max }.Any(bound => bound is < 0 or > 100_000 || (bound is { } length && length != Math.Truncate(length))))
        {
            context.Problems.Error(ProblemCodes.OutOfRange, node, "The lengths of a text are whole numbers from 0 to 100000.");
        }

        if (field.Min > field.Max)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node.Find("min")!, "'min' is larger than 'max'.");
        }

        CheckPattern(field, node, context);
        CheckDefault(field, node, context);
    }

    private static void CheckPattern(FormField field, Node node, ReadContext context)
    {
        if (field.Pattern is null)
        {
            return;
        }

        JsonElement schema = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["pattern"] = $"^(?:{field.Pattern})$" });
        if (!JsonSchema.TryCompile(schema, null, out _, out IReadOnlyList<SchemaProblem> problems))
        {
            context.Problems.Error(ProblemCodes.BadPattern, node.Find("pattern")!, "The pattern cannot be used: " + problems[0].Message);
        }
    }

    private static void CheckDefault(FormField field, Node node, ReadContext context)
    {
        if (field.Default is not { } value)
        {
            return;
        }

        bool fits = field.Type switch
        {
            FormFieldType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            FormFieldType.Number => value.ValueKind == JsonValueKind.Number,
            FormFieldType.Integer => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Math.Truncate(value.GetDouble()),
            FormFieldType.Choice => value.ValueKind == JsonValueKind.String && field.Options.Contains(value.GetString()!),
            FormFieldType.Date => value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out _),
            _ => value.ValueKind == JsonValueKind.String,
        };
        bool within = value.ValueKind != JsonValueKind.Number || !(value.GetDouble() < field.Min || value.GetDouble() > field.Max);
        if (!fits || !within)
        {
            context.Problems.Error(ProblemCodes.BadValue, node.Find("default")!, $"The default is no value the field '{field.Key}' would take.");
        }
    }

    private static void RefuseUnless(bool allowed, string name, string reason, Node node, ReadContext context)
    {
        if (!allowed && node.Find(name) is { } child)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, child, $"A field of this type has no '{name}': {reason}.");
        }
    }
}
