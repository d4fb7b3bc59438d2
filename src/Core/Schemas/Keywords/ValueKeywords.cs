using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>type</c> (Validation 2020-12, section 6.1.1).</summary>
internal sealed class TypeKeyword(SchemaNode owner, JsonKinds allowed) : Keyword(owner, "type", JsonKinds.Any)
{
    private readonly string allowedText = Kinds.Describe(allowed);

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        JsonKinds kind = Kinds.Of(instance.ValueKind);
        if ((allowed & kind) != 0)
        {
            return true;
        }

        bool number = kind == JsonKinds.Number && (allowed & JsonKinds.Integer) != 0;
        if (number && JsonNumber.Of(instance).IsInteger)
        {
            return true;
        }

        return trace is not null
            ? Fail(run, trace, $"must be {allowedText}, is {(number ? "a number with a fraction" : Kinds.Describe(kind))}")
            : false;
    }
}

/// <summary><c>const</c> and <c>enum</c> (Validation 2020-12, sections 6.1.2 and 6.1.3).</summary>
internal sealed class ChoiceKeyword(SchemaNode owner, string name, ValueSet values, string rule) : Keyword(owner, name, JsonKinds.Any)
{
    private const int Shown = 10;
    private const int ShownLength = 60;

    public static ChoiceKeyword Const(SchemaNode owner, JsonElement value, EvaluationRun run) =>
        new(owner, "const", new ValueSet([value], run), "must be " + Show(value));

    public static ChoiceKeyword Enum(SchemaNode owner, JsonElement values, EvaluationRun run)
    {
        JsonElement[] all = [.. values.EnumerateArray()];
        string list = string.Join(", ", all.Take(Shown).Select(Show));
        string rule = all.Length switch
        {
            0 => "has no allowed value",
            1 => "must be " + list,
            <= Shown => "must be one of " + list,
            _ => $"must be one of {list} and {all.Length - Shown} more",
        };
        return new ChoiceKeyword(owner, "enum", new ValueSet(all, run), rule);
    }

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace) =>
        values.Contains(instance, run) || Fail(run, trace, rule);

    private static string Show(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= ShownLength ? text : string.Concat(text.AsSpan(0, ShownLength), "…");
    }
}
