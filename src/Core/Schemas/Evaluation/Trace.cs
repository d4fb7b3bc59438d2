using System.Globalization;
using System.Text;

namespace Countersign.Schemas.Evaluation;

/// <summary>
/// Where an error-collecting pass is: the path through the schema and the path through the instance, in one chain of
/// steps so that each costs one small object. A pass without a trace only answers yes or no and stops at the first
/// broken rule.
/// </summary>
internal sealed class Trace
{
    private const int NameShown = 200;

    private readonly Trace? parent;
    private readonly string? keyword;
    private readonly string? name;
    private readonly int index;
    private readonly bool isName;

    /// <param name="parent">The step before.</param>
    /// <param name="keyword">The keyword of a step through the schema; null for a step into the instance.</param>
    /// <param name="name">The member gone to, of the keyword or of the instance.</param>
    /// <param name="index">The item gone to where there is no name; −1 for a keyword as a whole.</param>
    /// <param name="isName">Whether the step goes to a member's name, not to its value.</param>
    private Trace(Trace? parent, string? keyword, string? name, int index, bool isName = false)
    {
        this.parent = parent;
        this.keyword = keyword;
        this.name = name;
        this.index = index;
        this.isName = isName;
    }

    public static Trace Root { get; } = new(null, null, null, -1);

    public Trace At(string keyword) => new(this, keyword, null, -1);

    public Trace At(string keyword, string name) => new(this, keyword, name, -1);

    public Trace At(string keyword, int index) => new(this, keyword, null, index);

    public Trace Into(string member) => new(this, null, member, -1);

    /// <summary>From an object to the name of a member, located at the member.</summary>
    public Trace IntoName(string member) => new(this, null, member, -1, isName: true);

    public Trace Into(int index) => new(this, null, null, index);

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
            SchemaPointer() + place,
            node.AbsoluteLocation + Compilation.JsonPointer.ToFragment(place),
            InstancePointer(),
            $"{Field(member)}: {rule}") { Member = member });
    }

    /// <summary>Reports the limit that ended the pass.</summary>
    public void Report(EvaluationRun run, SchemaNode root, LimitReachedException limit) =>
        run.Report(new SchemaError(limit.Code, SchemaPointer(), root.AbsoluteLocation, InstancePointer(), $"{Field(null)}: {limit.Message}"));

    private string SchemaPointer()
    {
        var text = new StringBuilder();
        foreach (Trace step in Steps(throughSchema: true))
        {
            text.Append('/').Append(step.keyword);
            if (step.name is not null || step.index >= 0)
            {
                text.Append('/').Append(step.Token);
            }
        }

        return text.ToString();
    }

    private string InstancePointer()
    {
        var text = new StringBuilder();
        foreach (Trace step in Steps(throughSchema: false))
        {
            text.Append('/').Append(step.Token);
        }

        return text.ToString();
    }

    private string Token => name is null ? index.ToString(CultureInfo.InvariantCulture) : Compilation.JsonPointer.Escape(name);

    private string Field(string? member)
    {
        var text = new StringBuilder();
        bool endsInName = false;
        foreach (Trace step in Steps(throughSchema: false))
        {
            endsInName = step.isName;
            if (step.name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{step.index}]");
            }
            else
            {
                text.Append(text.Length == 0 ? "" : ".").Append(Shown(step.name));
            }
        }

        if (member is not null)
        {
            return text.Append(text.Length == 0 ? "" : ".").Append(Shown(member)).ToString();
        }

        return text.Length == 0 ? "the document" : endsInName ? $"the name {text}" : text.ToString();
    }

    private static string Shown(string name) => name.Length switch
    {
        0 => "\"\"",
        > NameShown => string.Concat(name.AsSpan(0, NameShown), "…"),
        _ => name,
    };

    private Stack<Trace> Steps(bool throughSchema)
    {
        var steps = new Stack<Trace>();
        for (Trace step = this; step.parent is not null; step = step.parent)
        {
            if (step.keyword is not null == throughSchema)
            {
                steps.Push(step);
            }
        }

        return steps;
    }
}
