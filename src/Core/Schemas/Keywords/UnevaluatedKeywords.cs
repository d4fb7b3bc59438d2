using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>unevaluatedItems</c> (Core 2020-12, section 11.2).</summary>
internal sealed class UnevaluatedItemsKeyword(SchemaNode owner, SchemaNode rule) : Keyword(owner, "unevaluatedItems", JsonKinds.Array)
{
    public override bool NeedsEvaluated => true;

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int mark = run.Descend();
        bool valid = true;
        int index = 0;
        foreach (JsonElement item in instance.EnumerateArray())
        {
            run.Charge(1);
            if (!parts!.Contains(index) && !rule.Evaluate(item, run, null, trace?.At(Name).Into(index)))
            {
                valid = false;
                if (trace is null || run.ErrorsFull)
                {
                    break;
                }
            }

            index++;
        }

        run.Ascend(mark);
        parts!.MarkAll();
        return valid;
    }
}

/// <summary><c>unevaluatedProperties</c> (Core 2020-12, section 11.3).</summary>
internal sealed class UnevaluatedPropertiesKeyword(SchemaNode owner, SchemaNode rule)
    : Keyword(owner, "unevaluatedProperties", JsonKinds.Object)
{
    public override bool NeedsEvaluated => true;

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int mark = run.Descend();
        bool valid = true;
        int index = 0;
        foreach (JsonProperty member in instance.EnumerateObject())
        {
            run.Charge(1);
            if (!parts!.Contains(index) && !rule.Evaluate(member.Value, run, null, trace?.At(Name).Into(JsonText.Display(JsonText.NameOf(member)))))
            {
                valid = false;
                if (trace is null || run.ErrorsFull)
                {
                    break;
                }
            }

            index++;
        }

        run.Ascend(mark);
        parts!.MarkAll();
        return valid;
    }
}
