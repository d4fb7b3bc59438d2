using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Formats;
using Countersign.Schemas.Patterns;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>minLength</c> and <c>maxLength</c> in code points (Validation 2020-12, sections 6.3.1 and 6.3.2).</summary>
internal sealed class LengthKeyword(SchemaNode owner, string name, int limit) : Keyword(owner, name, JsonKinds.Text)
{
    private readonly bool upper = name == "maxLength";

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        ReadOnlySpan<byte> text = JsonText.Of(instance);
        run.ChargeBytes(text.Length);
        int length = JsonText.CountCodePoints(text);
        if (upper ? length <= limit : length >= limit)
        {
            return true;
        }

        return trace is not null
            ? Fail(run, trace, $"must have at {(upper ? "most" : "least")} {Count.Of(limit, "character")}, has {length}")
            : false;
    }
}

/// <summary><c>pattern</c> (Validation 2020-12, section 6.3.3).</summary>
internal sealed class PatternKeyword(SchemaNode owner, SafePattern pattern) : Keyword(owner, "pattern", JsonKinds.Text)
{
    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace) =>
        pattern.IsMatch(JsonText.Of(instance), run, trace?.At(Name)) || Fail(run, trace, $"must match the pattern {pattern.Source}");
}

/// <summary><c>format</c> where it is asserted (Validation 2020-12, section 7).</summary>
internal sealed class FormatKeyword(SchemaNode owner, TextFormat format) : Keyword(owner, "format", JsonKinds.Text)
{
    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        ReadOnlySpan<byte> text = JsonText.Of(instance);
        run.ChargeBytes(text.Length);
        return format.Matches(text) || Fail(run, trace, $"must be {format.Meaning} (format {format.Name})");
    }
}

/// <summary>Counts in words.</summary>
internal static class Count
{
    public static string Of(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
