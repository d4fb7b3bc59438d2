using System.Text.Json;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Patterns;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary>
/// <c>properties</c>, <c>patternProperties</c>, <c>additionalProperties</c> (Core 2020-12, section 10.3.2) and <c>required</c>
/// (Validation, section 6.5.3) in one pass over the members.
/// </summary>
internal sealed class MembersKeyword : Keyword
{
    private const int InlineWords = 4;

    private readonly NameTable<Known> known;
    private readonly (SafePattern Pattern, SchemaNode Node)[] patterns;
    private readonly SchemaNode? additional;
    private readonly string[] required;

    public MembersKeyword(
        SchemaNode owner,
        IReadOnlyDictionary<string, SchemaNode> properties,
        (SafePattern Pattern, SchemaNode Node)[] patterns,
        SchemaNode? additional,
        string[] required)
        : base(owner, "properties", JsonKinds.Object)
    {
        this.patterns = patterns;
        this.additional = additional;
        this.required = required;
        var all = properties.ToDictionary(p => p.Key, p => new Known(p.Key, p.Value, -1), StringComparer.Ordinal);
        for (int i = 0; i < required.Length; i++)
        {
            all[required[i]] = new Known(required[i], all.GetValueOrDefault(required[i]).Node, i);
        }

        known = new NameTable<Known>(all.Select(a => new KeyValuePair<string, Known>(a.Key, a.Value)));
    }

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int words = (required.Length + 63) >> 6;
        Span<ulong> seen = words <= InlineWords ? stackalloc ulong[InlineWords] : new ulong[words];
        bool valid = true;
        int missing = required.Length;
        int index = 0;
        int mark = run.Descend();
        foreach (JsonProperty member in instance.EnumerateObject())
        {
            run.Charge(1);
            ReadOnlySpan<byte> name = JsonText.NameOf(member);
            bool found = known.TryGet(name, out Known rule);
            if (found && rule.Required >= 0)
            {
                missing -= Note(seen, rule.Required);
            }

            valid &= CheckMember(member.Value, name, index++, found ? rule : default, run, parts, trace);
            if (!valid && (trace is null || run.ErrorsFull))
            {
                break;
            }
        }

        run.Ascend(mark);
        return missing == 0 ? valid : ReportMissing(seen, run, trace);
    }

    private static int Note(Span<ulong> seen, int index)
    {
        ulong bit = 1UL << (index & 63);
        bool first = (seen[index >> 6] & bit) == 0;
        seen[index >> 6] |= bit;
        return first ? 1 : 0;
    }

    private bool CheckMember(JsonElement value, ReadOnlySpan<byte> name, int index, Known rule, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool valid = true;
        bool matched = rule.Node is not null;
        if (rule.Node is not null)
        {
            valid = rule.Node.Evaluate(value, run, null, trace?.At("properties", rule.Name).Into(rule.Name));
        }

        if (patterns.Length > 0)
        {
            valid &= CheckPatterns(value, name, run, trace, ref matched);
        }

        if (!matched && additional is not null)
        {
            matched = true;
            valid &= additional.Evaluate(value, run, null, trace?.At("additionalProperties").Into(JsonText.Display(name)));
        }

        if (matched)
        {
            parts?.Mark(index);
        }

        return valid;
    }

    private bool CheckPatterns(JsonElement value, ReadOnlySpan<byte> name, EvaluationRun run, Trace? trace, ref bool matched)
    {
        bool valid = true;
        foreach ((SafePattern pattern, SchemaNode node) in patterns)
        {
            if (pattern.IsMatch(name, run, trace?.At("patternProperties")))
            {
                matched = true;
                valid &= node.Evaluate(value, run, null, trace?.At("patternProperties", pattern.Source).Into(JsonText.Display(name)));
            }
        }

        return valid;
    }

    private bool ReportMissing(ReadOnlySpan<ulong> seen, EvaluationRun run, Trace? trace)
    {
        for (int i = 0; i < required.Length && trace is not null && !run.ErrorsFull; i++)
        {
            if ((seen[i >> 6] & (1UL << (i & 63))) == 0)
            {
                trace.Report(run, Owner, "required", "is required", required[i]);
            }
        }

        return false;
    }

    private readonly record struct Known(string Name, SchemaNode? Node, int Required);
}
