using System.Text;
using System.Text.Json;
using Countersign.Schemas.Compilation;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Keywords;

/// <summary><c>propertyNames</c> (Core 2020-12, section 10.3.2.4).</summary>
internal sealed class PropertyNamesKeyword(SchemaNode owner, SchemaNode rule) : Keyword(owner, "propertyNames", JsonKinds.Object)
{
    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        int mark = run.Descend();
        bool valid = true;
        foreach (JsonProperty member in instance.EnumerateObject())
        {
            run.Charge(1);
            Trace? place = trace?.At(Name).IntoName(JsonText.Display(JsonText.NameOf(member)));
            if (!rule.Evaluate(Quoted(member), run, null, place))
            {
                valid = false;
                if (trace is null || run.ErrorsFull)
                {
                    break;
                }
            }
        }

        run.Ascend(mark);
        return valid;
    }

    private static JsonElement Quoted(JsonProperty member) =>
        JsonElement.Parse([(byte)'"', .. System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member), (byte)'"']);
}

/// <summary><c>dependentRequired</c> (Validation 2020-12, section 6.5.4).</summary>
internal sealed class DependentRequiredKeyword(SchemaNode owner, string name, IReadOnlyDictionary<string, string[]> needs)
    : Keyword(owner, name, JsonKinds.Object)
{
    private readonly (string Trigger, string[] Needed)[] rules = [.. needs.Select(n => (n.Key, n.Value))];

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool valid = true;
        foreach ((string trigger, string[] needed) in rules)
        {
            if (!Members.Has(instance, trigger, run))
            {
                continue;
            }

            foreach (string other in needed)
            {
                if (!Members.Has(instance, other, run))
                {
                    valid = false;
                    trace?.Report(run, Owner, $"{Name}/{JsonPointer.Escape(trigger)}", $"is required when {trigger} is given", other);
                }
            }

            if (!valid && trace is null)
            {
                return false;
            }
        }

        return valid;
    }
}

/// <summary><c>dependentSchemas</c> (Core 2020-12, section 10.2.2.4).</summary>
internal sealed class DependentSchemasKeyword(SchemaNode owner, string name, IReadOnlyDictionary<string, SchemaNode> schemas)
    : Keyword(owner, name, JsonKinds.Object)
{
    private readonly (string Trigger, SchemaNode Node)[] rules = [.. schemas.Select(n => (n.Key, n.Value))];

    public override IEnumerable<SchemaNode> InPlace => rules.Select(r => r.Node);

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        bool valid = true;
        foreach ((string trigger, SchemaNode node) in rules)
        {
            if (Members.Has(instance, trigger, run) && !node.Evaluate(instance, run, parts, trace?.At(Name, trigger)))
            {
                valid = false;
                if (trace is null)
                {
                    return false;
                }
            }
        }

        return valid;
    }
}

/// <summary>Looks for members by name, for the rare keywords that need only that.</summary>
internal static class Members
{
    public static bool Has(JsonElement instance, string name, EvaluationRun run)
    {
        Span<byte> wanted = name.Length <= 64 ? stackalloc byte[256] : new byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
        wanted = wanted[..Encoding.UTF8.GetBytes(name, wanted)];
        foreach (JsonProperty member in instance.EnumerateObject())
        {
            run.Charge(1);
            if (JsonText.NameOf(member).SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }
}
