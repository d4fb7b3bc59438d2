using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Keywords;

/// <summary><c>allOf</c> (Core 2020-12, section 10.2.1.1).</summary>
internal sealed class AllOfKeyword(SchemaNode owner, SchemaNode[] all) : Keyword(owner, "allOf", JsonKinds.Any)
{
    public override IEnumerable<SchemaNode> InPlace => all;

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool valid = true;
        for (int i = 0; i < all.Length; i++)
        {
            if (!all[i].Evaluate(instance, run, parts, trace?.At(Name, i)))
            {
                valid = false;
                if (trace is null || run.ErrorsFull)
                {
                    return false;
                }
            }
        }

        return valid;
    }
}

/// <summary><c>anyOf</c> and <c>oneOf</c> (Core 2020-12, sections 10.2.1.2 and 10.2.1.3).</summary>
internal sealed class AlternativesKeyword(SchemaNode owner, string name, SchemaNode[] alternatives)
    : Keyword(owner, name, JsonKinds.Any)
{
    private readonly bool exactlyOne = name == "oneOf";

    public override IEnumerable<SchemaNode> InPlace => alternatives;

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int matches = 0;
        foreach (SchemaNode alternative in alternatives)
        {
            if (!alternative.Evaluate(instance, run, parts, null))
            {
                continue;
            }

            matches++;
            if (exactlyOne ? matches > 1 && trace is null : parts is null)
            {
                break;
            }
        }

        if (matches == 1 || (matches > 1 && !exactlyOne))
        {
            return true;
        }

        return trace is not null ? Report(instance, matches, run, trace) : false;
    }

    private bool Report(JsonElement instance, int matches, EvaluationRun run, Trace trace)
    {
        string wanted = exactlyOne ? "exactly one" : "at least one";
        Fail(run, trace, $"must match {wanted} of {Count.Of(alternatives.Length, "alternative")}, matches {(matches == 0 ? "none" : matches)}");
        for (int i = 0; i < alternatives.Length && matches == 0 && !run.ErrorsFull; i++)
        {
            alternatives[i].Evaluate(instance, run, null, trace.At(Name, i));
        }

        return false;
    }
}

/// <summary><c>not</c> (Core 2020-12, section 10.2.1.4).</summary>
internal sealed class NotKeyword(SchemaNode owner, SchemaNode refused) : Keyword(owner, "not", JsonKinds.Any)
{
    public override IEnumerable<SchemaNode> InPlace => [refused];

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace) =>
        !refused.Evaluate(instance, run, null, null) || Fail(run, trace, "must not match what \"not\" describes, does");
}

/// <summary><c>if</c>, <c>then</c> and <c>else</c> (Core 2020-12, section 10.2.2).</summary>
internal sealed class ConditionKeyword(SchemaNode owner, SchemaNode condition, SchemaNode? then, SchemaNode? otherwise)
    : Keyword(owner, "if", JsonKinds.Any)
{
    public override IEnumerable<SchemaNode> InPlace =>
        new[] { condition, then, otherwise }.OfType<SchemaNode>();

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool holds = condition.Evaluate(instance, run, parts, null);
        SchemaNode? branch = holds ? then : otherwise;
        return branch is null || branch.Evaluate(instance, run, parts, trace?.At(holds ? "then" : "else"));
    }
}
