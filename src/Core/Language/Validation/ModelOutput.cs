using Countersign.Expressions;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>Which values of a definition may hold what a model said, directly or handed on by steps, blocks, <c>foreach</c> and <c>context.runtime</c>.</summary>
internal sealed class ModelOutput
{
    private readonly IReadOnlyDictionary<string, StepSite> steps;
    private readonly HashSet<StepSite> tainted = [];
    private readonly HashSet<StepSite> taintedItems = [];
    private bool runtime;

    public ModelOutput(ReadContext context, IReadOnlyDictionary<string, StepSite> steps)
    {
        this.steps = steps;
        foreach (StepSite site in context.Steps.Where(site => site.Kind.Traits.HasFlag(StepTraits.Model)))
        {
            for (StepSite? at = site; at is not null; at = at.Block.Owner)
            {
                tainted.Add(at);
            }
        }

        Spread(context);
    }

    /// <summary>Whether what a reference reads may hold what a model said.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="at">The step it stands in.</param>
    public bool Reaches(ExpressionReference reference, StepSite? at)
    {
        switch (reference.Root)
        {
            case "steps":
                // A bare 'steps' is indexed by something computed, which may be any of them.
                return reference.Path.Count == 1 ? tainted.Count > 0 : steps.TryGetValue(reference.Path[1], out StepSite? step) && tainted.Contains(step);
            case "context":
                return runtime && (reference.Path.Count == 1 || reference.Path[1] == "runtime");
            case "item":
                return at is not null && Around(at).Any(taintedItems.Contains);
            default:
                return false;
        }
    }

    /// <summary>Goes on until nothing new is found; every round adds at least one step, list or the runtime context.</summary>
    private void Spread(ReadContext context)
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (TemplateSite site in context.Templates.Where(site => site.Step is not null))
            {
                StepSite step = site.Step!;
                bool set = step.Kind.Traits.HasFlag(StepTraits.Runtime);
                bool list = site.Use == TemplateUse.List;
                bool output = site.Use == TemplateUse.BlockOutput;
                bool news = (set && !(runtime && tainted.Contains(step))) || (list && !taintedItems.Contains(step)) || (output && !tainted.Contains(step));
                if (news && site.Template.Expressions.SelectMany(expression => expression.References).Any(r => Reaches(r, step)))
                {
                    runtime |= set;
                    _ = set || output ? tainted.Add(step) : taintedItems.Add(step);
                    changed = true;
                }
            }
        }
    }

    private static IEnumerable<StepSite> Around(StepSite site)
    {
        for (StepSite? at = site.Block.Owner; at is not null; at = at.Block.Owner)
        {
            yield return at;
        }
    }
}
