using System.Text.Json;
using Countersign.Expressions;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>Checks that the graph of every block can be walked: targets exist, every step is reached, no cycle is endless.</summary>
internal static class GraphCheck
{
    /// <summary>Below this a wait on a cycle does not slow it down.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    public static void Check(ReadContext context, IReadOnlyList<StepFlow> flows)
    {
        CheckIds(context);
        CheckTargets(context);
        foreach (StepFlow flow in flows)
        {
            CheckStart(flow, context);
            if (flow.Start >= 0)
            {
                CheckReached(flow, context);
                CheckCycles(flow, context);
            }
        }
    }

    private static void CheckIds(ReadContext context)
    {
        Dictionary<string, StepSite> seen = new(StringComparer.Ordinal);
        foreach (StepSite site in context.Steps.Where(site => site.Compensates is null && site.Id.Length > 0))
        {
            if (!seen.TryAdd(site.Id, site))
            {
                context.Problems.Error(ProblemCodes.DuplicateId, site.Node.Find("id")!, $"The id '{site.Id}' is taken by the step in line {seen[site.Id].Node.Line}; ids are unique in the whole document.");
            }
        }

        if (seen.Count > StepListType.MaxSteps)
        {
            context.Problems.ErrorAt(ProblemCodes.TooLarge, 1, 1, "", $"The document has {seen.Count} steps; at most {StepListType.MaxSteps} are allowed.");
        }
    }

    private static void CheckTargets(ReadContext context)
    {
        HashSet<string> everywhere = [.. context.Steps.Where(site => site.Compensates is null).Select(site => site.Id)];
        foreach (TargetSite site in context.Targets)
        {
            if (!site.Step.Block.Steps.Exists(step => step.Id == site.Target))
            {
                Report(site.Node, site.Target, everywhere, site.Step.Block, context);
            }
        }
    }

    private static void CheckStart(StepFlow flow, ReadContext context)
    {
        if (flow.Start < 0 && flow.Block.Node.Find("start") is { Kind: NodeKind.Text } start)
        {
            Report(start, start.Text, [.. context.Steps.Select(site => site.Id)], flow.Block, context);
        }
    }

    private static void Report(Node node, string target, HashSet<string> everywhere, BlockSite block, ReadContext context)
    {
        if (everywhere.Contains(target))
        {
            context.Problems.Error(ProblemCodes.TargetInOtherBlock, node, $"The step '{target}' is in another block; a run can only go on within its own.");
            return;
        }

        string hint = Spelling.Nearest(target, block.Steps.Select(step => step.Id));
        context.Problems.Error(ProblemCodes.UnknownTarget, node, $"There is no step '{target}'.{hint}");
    }

    private static void CheckReached(StepFlow flow, ReadContext context)
    {
        for (int i = 0; i < flow.Block.Steps.Count; i++)
        {
            StepSite site = flow.Block.Steps[i];
            bool first = flow.PlaceOf(site.Id) == i;
            if (!flow.Reached[i] && first && site.Step is not null)
            {
                context.Problems.Error(ProblemCodes.UnreachableStep, site.Node.Find("id")!, $"No way leads to the step '{site.Id}'.");
            }
        }
    }

    /// <summary>A cycle is endless when it is still one after every step that waits, or is bounded, has been taken out.</summary>
    private static void CheckCycles(StepFlow flow, ReadContext context)
    {
        bool[] free = [.. flow.Block.Steps.Select(site => site.Step is { MaxVisits: null } && !Waits(site))];
        foreach (List<int> cycle in Components(flow, free))
        {
            if (cycle.Count > 1 || flow.After[cycle[0]].Exists(edge => edge.To == cycle[0]))
            {
                cycle.Sort();
                string names = string.Join(", ", cycle.Select(i => $"'{flow.Block.Steps[i].Id}'"));
                context.Problems.Error(ProblemCodes.UnboundedCycle, flow.Block.Steps[cycle[0]].Node.Find("id")!, $"The cycle through {names} neither waits nor is bounded; give one of its steps 'max_visits'. A wait counts from {Duration.Format(ShortestWait)} on, and one until a fixed moment does not.");
            }
        }
    }

    /// <summary>Whether a step keeps a run waiting every time it comes by. A length below a second is as good as none, and a moment that is fixed passes only once.</summary>
    private static bool Waits(StepSite site)
        => site.Kind.Traits.HasFlag(StepTraits.Waits) && site.Step switch
        {
            WaitStep { For: { } length } => Fixed(length) is not { ValueKind: JsonValueKind.String } value
                || !Duration.TryParse(value.GetString(), out TimeSpan duration)
                || duration >= ShortestWait,
            WaitStep { Until: { } moment } => Fixed(moment) is null,
            _ => true,
        };

    /// <summary>What a template yields that reads nothing; null where it reads something, or fails.</summary>
    private static JsonElement? Fixed(Template template)
    {
        if (template.Expressions.Any(expression => expression.References.Count > 0))
        {
            return null;
        }

        try
        {
            return template.Render(NoScope.Instance);
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    /// <summary>Strongly connected components after Tarjan, with a stack of our own: a document may hold a chain of a thousand steps.</summary>
    private static List<List<int>> Components(StepFlow flow, bool[] free)
    {
        int count = free.Length;
        int[] order = new int[count];
        int[] low = new int[count];
        bool[] onPath = new bool[count];
        Stack<int> path = new();
        Stack<(int Step, int Edge)> calls = new();
        List<List<int>> found = [];
        int next = 0;
        for (int root = 0; root < count; root++)
        {
            if (!free[root] || order[root] != 0)
            {
                continue;
            }

            calls.Push((root, 0));
            while (calls.TryPop(out (int Step, int Edge) call))
            {
                (int at, int edge) = call;
                if (edge == 0)
                {
                    order[at] = low[at] = ++next;
                    path.Push(at);
                    onPath[at] = true;
                }
                else
                {
                    int child = flow.After[at][edge - 1].To;
                    low[at] = free[child] && onPath[child] ? Math.Min(low[at], low[child]) : low[at];
                }

                if (edge < flow.After[at].Count)
                {
                    calls.Push((at, edge + 1));
                    int child = flow.After[at][edge].To;
                    if (free[child] && order[child] == 0)
                    {
                        calls.Push((child, 0));
                    }
                }
                else if (low[at] == order[at])
                {
                    found.Add(Unwind(path, onPath, at));
                }
            }
        }

        return found;
    }

    private static List<int> Unwind(Stack<int> path, bool[] onPath, int until)
    {
        List<int> component = [];
        int step;
        do
        {
            step = path.Pop();
            onPath[step] = false;
            component.Add(step);
        }
        while (step != until);
        return component;
    }
}
