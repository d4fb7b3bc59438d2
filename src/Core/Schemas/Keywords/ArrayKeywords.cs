using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>minItems</c>, <c>maxItems</c>, <c>minProperties</c>, <c>maxProperties</c> (Validation 2020-12, sections 6.4 and 6.5).</summary>
internal sealed class SizeKeyword(SchemaNode owner, string name, int limit)
    : Keyword(owner, name, name.EndsWith("Items", StringComparison.Ordinal) ? JsonKinds.Array : JsonKinds.Object)
{
    private readonly bool upper = name.StartsWith("max", StringComparison.Ordinal);

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool array = AppliesTo == JsonKinds.Array;
        int size = array ? instance.GetArrayLength() : instance.GetPropertyCount();
        if (upper ? size <= limit : size >= limit)
        {
            return true;
        }

        return trace is not null
            ? Fail(run, trace, $"must have at {(upper ? "most" : "least")} {Count.Of(limit, array ? "item" : "field")}, has {size}")
            : false;
    }
}

/// <summary><c>uniqueItems</c> (Validation 2020-12, section 6.4.3).</summary>
internal sealed class UniqueItemsKeyword(SchemaNode owner) : Keyword(owner, "uniqueItems", JsonKinds.Array)
{
    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int count = instance.GetArrayLength();
        if (count < 2)
        {
            return true;
        }

        var items = new (ulong Hash, int Index, JsonElement Value)[count];
        int mark = run.Descend();
        int next = 0;
        foreach (JsonElement item in instance.EnumerateArray())
        {
            items[next] = (JsonEquality.Hash(item, run), next, item);
            next++;
        }

        Array.Sort(items, static (a, b) => a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash) : a.Index - b.Index);
        bool unique = !TryFindTwins(items, run, out int first, out int second);
        run.Ascend(mark);
        return unique || Fail(run, trace, $"must not repeat an item, items {first} and {second} are equal");
    }

    private static bool TryFindTwins((ulong Hash, int Index, JsonElement Value)[] items, EvaluationRun run, out int first, out int second)
    {
        for (int i = 0; i < items.Length; i++)
        {
            for (int j = i + 1; j < items.Length && items[j].Hash == items[i].Hash; j++)
            {
                if (JsonEquality.Equal(items[i].Value, items[j].Value, run))
                {
                    first = items[i].Index;
                    second = items[j].Index;
                    return true;
                }
            }
        }

        first = second = -1;
        return false;
    }
}

/// <summary><c>prefixItems</c> and <c>items</c> (Core 2020-12, sections 10.3.1.1 and 10.3.1.2).</summary>
internal sealed class ItemsKeyword(SchemaNode owner, SchemaNode[] prefix, SchemaNode? others)
    : Keyword(owner, "items", JsonKinds.Array)
{
    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int mark = run.Descend();
        bool valid = true;
        int index = 0;
        foreach (JsonElement item in instance.EnumerateArray())
        {
            SchemaNode? node = index < prefix.Length ? prefix[index] : others;
            if (node is null)
            {
                break;
            }

            run.Charge(1);
            parts?.Mark(index);
            if (!node.Evaluate(item, run, null, Place(trace, index)))
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
        return valid;
    }

    private Trace? Place(Trace? trace, int index) => trace is null
        ? null
        : (index < prefix.Length ? trace.At("prefixItems", index) : trace.At("items")).Into(index);
}

/// <summary><c>contains</c> with <c>minContains</c> and <c>maxContains</c> (Core 2020-12, section 10.3.1.3; Validation, sections 6.4.4 and 6.4.5).</summary>
internal sealed class ContainsKeyword(SchemaNode owner, SchemaNode wanted, int? minimum, int? maximum)
    : Keyword(owner, "contains", JsonKinds.Array)
{
    private readonly int least = minimum ?? 1;
    private readonly int most = maximum ?? int.MaxValue;

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int found = CountMatches(instance, run, parts, trace is null);
        if (found >= least && found <= most)
        {
            return true;
        }

        if (trace is not null)
        {
            bool few = found < least;
            string keyword = few ? (minimum is null ? "contains" : "minContains") : "maxContains";
            string bound = few ? $"at least {least}" : $"at most {most}";
            trace.Report(run, Owner, keyword, $"must have {bound} matching {(few ? (least == 1 ? "item" : "items") : (most == 1 ? "item" : "items"))}, has {found}");
        }

        return false;
    }

    private int CountMatches(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, bool stopEarly)
    {
        int mark = run.Descend();
        int found = 0;
        int index = 0;
        foreach (JsonElement item in instance.EnumerateArray())
        {
            run.Charge(1);
            if (wanted.Evaluate(item, run, null, null))
            {
                found++;
                parts?.Mark(index);
                if (stopEarly && (found > most || (parts is null && maximum is null && found >= least)))
                {
                    break;
                }
            }

            index++;
        }

        run.Ascend(mark);
        return found;
    }
}
