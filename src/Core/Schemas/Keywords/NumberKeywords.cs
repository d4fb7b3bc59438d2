using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c> (Validation 2020-12, section 6.2).</summary>
internal sealed class NumberLimitKeyword : Keyword
{
    private readonly JsonNumber limit;
    private readonly int direction;
    private readonly bool exclusive;
    private readonly string rule;

    public NumberLimitKeyword(SchemaNode owner, string name, JsonElement limit)
        : base(owner, name, JsonKinds.Number)
    {
        this.limit = JsonNumber.Of(limit);
        direction = name is "minimum" or "exclusiveMinimum" ? 1 : -1;
        exclusive = name.StartsWith('e');
        string text = limit.GetRawText();
        rule = (direction > 0, exclusive) switch
        {
            (true, false) => $"must be at least {text}",
            (true, true) => $"must be more than {text}",
            (false, false) => $"must be at most {text}",
            (false, true) => $"must be less than {text}",
        };
    }

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int order = JsonNumber.Of(instance).CompareTo(limit) * direction;
        return order > 0 || (order == 0 && !exclusive) || Fail(run, trace, rule);
    }
}

/// <summary><c>multipleOf</c> (Validation 2020-12, section 6.2.1), in decimal and therefore exact.</summary>
internal sealed class MultipleOfKeyword(SchemaNode owner, JsonElement divisor) : Keyword(owner, "multipleOf", JsonKinds.Number)
{
    private readonly JsonNumber divisor = JsonNumber.Of(divisor);
    private readonly string rule = "must be a multiple of " + divisor.GetRawText();

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        JsonNumber number = JsonNumber.Of(instance);

        // Long division: the price is the product of the lengths.
        run.Charge((long)(number.DigitCount >> 4) * (1 + (divisor.DigitCount >> 4)));
        return number.IsMultipleOf(divisor) || Fail(run, trace, rule);
    }
}
