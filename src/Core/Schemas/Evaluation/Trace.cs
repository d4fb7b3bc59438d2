using System.Globalization;
using System.Text;

namespace Countersign.Schemas.Evaluation;

/// <summary>
/// Where an error-collecting pass is: the path through the schema and the path through the instance.
/// A pass without a trace only answers yes or no and stops at the first broken rule.
/// </summary>
internal sealed class Trace
{
    private const int NameShown = 200;

    private readonly Step? schema;
    private readonly Step? instance;

    private Trace(Step? schema, Step? instance)
    {
        this.schema = schema;
        this.instance = instance;
    }

    public static Trace Root { get; } = new(null, null);

    public Trace At(string keyword) => new(new Step(schema, keyword, -1), instance);

    public Trace At(string keyword, string name) => new(new Step(new Step(schema, keyword, -1), name, -1), instance);

    public Trace At(string keyword, int index) => new(new Step(new Step(schema, keyword, -1), null, index), instance);

    public Trace Into(string member) => new(schema, new Step(instance, member, -1));

    /// <summary>From an object to the name of a member, located at the member.</summary>
    public Trace IntoName(string member) => new(schema, new Step(instance, member, -1, IsName: true));

    public Trace Into(int index) => new(schema, new Step(instance, null, index));

    /// <summary>Reports a broken rule of the schema at this place.</summary>
    /// <param name="run">Takes the error.</param>
    /// <param name="node">The schema that holds the rule.</param>
    /// <param name="keyword">The rule, escaped for a pointer where it has several tokens; empty for the schema as a whole.</param>
    /// <param name="rule">What must hold, and what does instead.</param>
    /// <param name="member">A member that the rule is about although it is not there.</param>
    public void Report(EvaluationRun run, SchemaNode node, string keyword, string rule, string? member = null)
    {
        string place = keyword.Length == 0 ? "" : "/" + keyword;
        run.Report(new SchemaError(
            SchemaCodes.Mismatch,
            Pointer(schema) + place,
            node.AbsoluteLocation + Compilation.JsonPointer.ToFragment(place),
            Pointer(instance),
            $"{Field(member)}: {rule}"));
    }

    /// <summary>Reports the limit that ended the pass.</summary>
    public void Report(EvaluationRun run, SchemaNode root, LimitReachedException limit) =>
        run.Report(new SchemaError(limit.Code, Pointer(schema), root.AbsoluteLocation, Pointer(instance), $"{Field(null)}: {limit.Message}"));

    private static string Pointer(Step? last)
    {
        if (last is null)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (Step step in InOrder(last))
        {
            text.Append('/').Append(step.Name is null
                ? step.Index.ToString(CultureInfo.InvariantCulture)
                : Compilation.JsonPointer.Escape(step.Name));
        }

        return text.ToString();
    }

    private string Field(string? member)
    {
        Step? last = member is null ? instance : new Step(instance, member, -1);
        if (last is null)
        {
            return "the document";
        }

        var text = new StringBuilder();
        foreach (Step step in InOrder(last))
        {
            if (step.Name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            }
            else
            {
                text.Append(text.Length == 0 ? "" : ".").Append(Shown(step.Name));
            }
        }

        return last.IsName ? $"the name {text}" : text.ToString();
    }

    private static string Shown(string name) => name.Length switch
    {
        0 => "\"\"",
        > NameShown => string.Concat(name.AsSpan(0, NameShown), "…"),
        _ => name,
    };

    private static Stack<Step> InOrder(Step last)
    {
        var steps = new Stack<Step>();
        for (Step? step = last; step is not null; step = step.Parent)
        {
            steps.Push(step);
        }

        return steps;
    }

    private sealed record Step(Step? Parent, string? Name, int Index, bool IsName = false);
}
