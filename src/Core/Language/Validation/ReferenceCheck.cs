using Countersign.Expressions;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>Checks what expressions refer to: that a step exists, is visible, and can have run before; and that nothing a model said decides where a call goes or who decides.</summary>
internal sealed class ReferenceCheck
{
    private readonly ReadContext context;
    private readonly Dictionary<string, StepSite> steps = new(StringComparer.Ordinal);
    private readonly Dictionary<BlockSite, StepFlow> flows;
    private readonly Dictionary<Node, BlockSite> blocks;
    private readonly ModelOutput model;

    public ReferenceCheck(ReadContext context, IEnumerable<StepFlow> flows)
    {
        this.context = context;
        this.flows = flows.ToDictionary(flow => flow.Block);
        blocks = context.Blocks.ToDictionary(block => block.Node);
        foreach (StepSite step in context.Steps.Where(step => step.Compensates is null))
        {
            steps.TryAdd(step.Id, step);
        }

        model = new ModelOutput(context, steps);
    }

    public void Check()
    {
        foreach (TemplateSite site in context.Templates)
        {
            foreach (ExpressionReference reference in site.Template.Expressions.SelectMany(expression => expression.References))
            {
                if (reference.Root == "steps" && reference.Path.Count > 1)
                {
                    CheckStep(site, reference, IsGuarded(site, reference.Path[1]));
                }
            }

            CheckWhole(site);
            CheckTrust(site);
        }
    }

    /// <summary>Under another name the steps could be read without a trace of which: such an expression is refused. A computed index is only warned of, as it may be bounded by what the author knows.</summary>
    private void CheckWhole(TemplateSite site)
    {
        IEnumerable<Expression> suspects = site.Template.Expressions
            .Where(expression => expression.References.Any(reference => reference.Root == "steps" && reference.Path.Count == 1));
        foreach (StepMention mention in suspects.SelectMany(StepMentions.In))
        {
            if (mention.Kind == StepMentionKind.Whole)
            {
                context.Problems.Error(ProblemCodes.UnknownReference, site.Node, "'steps' is no value of its own: which steps are read could not be checked. Name each, as in 'steps.a.output'.");
            }
            else if (mention.Kind == StepMentionKind.Computed)
            {
                context.Problems.Warning(ProblemCodes.UnknownReference, site.Node, "Which step 'steps[…]' reads is computed, so whether it exists and has run cannot be checked; name the step, as in 'steps.a.output'.");
            }
        }
    }

    /// <summary>Whether some expression of the template asks <c>has(steps.x)</c> first; that it does so on every way is left to the author.</summary>
    private static bool IsGuarded(TemplateSite site, string id)
        => site.Template.Expressions.Any(expression => expression.References.Any(r => r is { OnlyTested: true, Root: "steps", Path.Count: 2 } && r.Path[1] == id));

    private void CheckStep(TemplateSite site, ExpressionReference reference, bool guarded)
    {
        string id = reference.Path[1];
        if (!steps.TryGetValue(id, out StepSite? target))
        {
            string hint = Spelling.Nearest(id, steps.Keys);
            context.Problems.Error(ProblemCodes.UnknownReference, site.Node, $"There is no step '{id}'.{hint}");
            return;
        }

        if (Visible(site, target) is not { } visible)
        {
            context.Problems.Error(ProblemCodes.ReferenceOutOfScope, site.Node, OutOfScope(id, target));
            return;
        }

        (bool may, bool must) = visible;
        if (!may)
        {
            context.Problems.Error(ProblemCodes.ReferenceNeverRan, site.Node, $"The step '{id}' can never have run before this is evaluated.");
        }
        else if (!must && !guarded)
        {
            context.Problems.Warning(ProblemCodes.ReferenceMayNotHaveRun, site.Node, $"The step '{id}' may not have run before this is evaluated; ask 'has(steps.{id})' first.");
        }
    }

    private static string OutOfScope(string id, StepSite target)
        => target.Block.Owner is { } owner
            ? $"The step '{id}' is inside '{owner.Id}', whose steps are not seen from here; use 'steps.{owner.Id}.output'."
            : $"The step '{id}' is not seen from here.";

    /// <summary>Whether a step may and must have completed where a template is evaluated; null where it cannot be seen from there.</summary>
    private (bool May, bool Must)? Visible(TemplateSite site, StepSite target)
    {
        if (site.Use == TemplateUse.BlockOutput)
        {
            if (!blocks.TryGetValue(site.Node.Parent!, out BlockSite? block))
            {
                return (true, true);
            }

            if (target.Block == block)
            {
                StepFlow flow = flows[block];
                int place = PlaceIn(flow, target);
                return flow.IsWhole ? (flow.MayHaveRunAtEnd(place), flow.MustHaveRunAtEnd(place)) : (true, true);
            }

            return block.Owner is null ? null : VisibleFrom(block.Owner, target);
        }

        if (site.Step?.Compensates is { } undone)
        {
            // A compensation runs after its step has completed; how far the run came after that is not known.
            return target == undone ? (true, true)
                : VisibleFrom(undone, target) is not { } before ? null
                : (true, before.Must);
        }

        return site.Step is null ? (true, true) : VisibleFrom(site.Step, target);
    }

    private (bool May, bool Must)? VisibleFrom(StepSite from, StepSite target)
    {
        for (StepSite? at = from; at is not null; at = at.Block.Owner)
        {
            if (at.Block != target.Block)
            {
                continue;
            }

            StepFlow flow = flows[at.Block];
            (int step, int place) = (PlaceIn(flow, target), PlaceIn(flow, at));
            return flow.IsWhole && flow.Reached[place] ? (flow.MayHaveRun(step, place), flow.MustHaveRun(step, place)) : (true, true);
        }

        return null;
    }

    private static int PlaceIn(StepFlow flow, StepSite site) => flow.Block.Steps.IndexOf(site);

    private void CheckTrust(TemplateSite site)
    {
        if (site.Use == TemplateUse.Person)
        {
            if (IsComputed(site.Template) && site.Node.Parent?.Parent?.Find("within") is null)
            {
                context.Problems.NewError(
                    ProblemCodes.AudienceUnbounded, site.Node,
                    "A computed user needs 'within' beside 'users': the users or roles that the person must be among, such as within: { roles: [approver] }.");
            }

            foreach (ExpressionReference reference in site.Template.Expressions.SelectMany(expression => expression.References).Where(r => !IsGiven(r)))
            {
                context.Problems.Error(ProblemCodes.UntrustedChoice, site.Node, $"'{string.Join('.', reference.Path)}' cannot name people: only 'input', 'context.static' and 'context.profile' can.");
            }
        }

        if (site.Use == TemplateUse.Url)
        {
            foreach (ExpressionReference reference in site.Template.OriginExpressions().SelectMany(expression => expression.References).Where(r => model.Reaches(r, site.Step)))
            {
                context.Problems.Error(ProblemCodes.UntrustedChoice, site.Node, $"'{string.Join('.', reference.Path)}' may hold what a model said, and so cannot decide which host is called.");
            }
        }
    }

    private static bool IsComputed(Template template) => template.Expressions
        .SelectMany(expression => expression.References)
        .Any(reference => !(reference.Root == "context" && reference.Path.Count > 1 && reference.Path[1] == "static"));

    private static bool IsGiven(ExpressionReference reference)
        => reference.Root == "input"
            || (reference.Root == "context" && reference.Path.Count > 1 && reference.Path[1] is "static" or "profile");
}
