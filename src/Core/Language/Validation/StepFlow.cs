using System.Collections;

namespace Countersign.Language;

/// <summary>The graph of one block, and which of its steps have, or may have, completed where.</summary>
internal sealed class StepFlow
{
    private readonly Dictionary<string, int> places;
    private readonly List<(int From, bool Completed)>[] before;
    private readonly BitArray[] must;
    private readonly BitArray[] may;

    public StepFlow(BlockSite block)
    {
        Block = block;
        places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < block.Steps.Count; i++)
        {
            places.TryAdd(block.Steps[i].Id, i);
        }

        Start = block.Node.Find("start") is { Kind: NodeKind.Text } start && places.TryGetValue(start.Text, out int place) ? place : -1;
        IsWhole = Start >= 0 && block.Steps.TrueForAll(step => step.Step is not null);
        After = [.. block.Steps.Select(EdgesOf)];
        before = [.. block.Steps.Select(_ => new List<(int, bool)>())];
        for (int from = 0; from < After.Length; from++)
        {
            foreach ((int to, bool completed) in After[from])
            {
                before[to].Add((from, completed));
            }
        }

        // Where a step could not be read, its ways out are not known, and nothing is claimed about what is reached.
        int[] order = IsWhole ? InOrder() : [];
        Reached = new BitArray(After.Length, !IsWhole);
        foreach (int step in order)
        {
            Reached[step] = true;
        }

        must = Solve(order, atFirst: true, (into, from) => into.And(from));
        may = Solve(order, atFirst: false, (into, from) => into.Or(from));
    }

    public BlockSite Block { get; }

    /// <summary>Place of the first step, or -1 where none is named that exists.</summary>
    public int Start { get; }

    /// <summary>Whether every step could be read; where one could not, its ways out are not known.</summary>
    public bool IsWhole { get; }

    /// <summary>For each step the steps that may follow, and whether it has completed then (rather than failed or run out of time).</summary>
    public List<(int To, bool Completed)>[] After { get; }

    /// <summary>Which steps some way leads to.</summary>
    public BitArray Reached { get; }

    /// <summary>Place of a step of this block by its id, or -1.</summary>
    public int PlaceOf(string id) => places.GetValueOrDefault(id, -1);

    /// <summary>Whether a step has certainly completed when another one begins.</summary>
    public bool MustHaveRun(int step, int at) => must[at][step];

    /// <summary>Whether a step can have completed when another one begins.</summary>
    public bool MayHaveRun(int step, int at) => may[at][step];

    /// <summary>Whether a step has certainly completed when the block ends.</summary>
    public bool MustHaveRunAtEnd(int step) => Ends().All(end => end == step || must[end][step]);

    /// <summary>Whether a step can have completed when the block ends.</summary>
    public bool MayHaveRunAtEnd(int step) => Ends().Any(end => end == step || may[end][step]);

    private IEnumerable<int> Ends()
        => Enumerable.Range(0, After.Length).Where(i => Reached[i] && Block.Steps[i].Step is { FallsThrough: true, Next: null });

    private List<(int To, bool Completed)> EdgesOf(StepSite site)
    {
        if (site.Step is not { } step)
        {
            return [];
        }

        IEnumerable<(string? Id, bool Completed)> named = step.Exits.Where(id => id != step.TimeoutExit).Select(id => ((string?)id, true))
            .Append((step.FallsThrough ? step.Next : null, true))
            .Append((step.TimeoutExit, false))
            .Concat(step.UncertainExits.Select(id => ((string?)id, false)))
            .Concat(step.Catch.Select(clause => ((string?)clause.Goto, false)));
        return [.. named.Where(edge => edge.Id is not null && places.ContainsKey(edge.Id)).Select(edge => (places[edge.Id!], edge.Completed)).Distinct()];
    }

    /// <summary>The steps that are reached, each before those that follow it except around cycles (reverse postorder), so that few rounds reach the fixed point.</summary>
    private int[] InOrder()
    {
        List<int> left = [];
        bool[] seen = new bool[After.Length];
        Stack<(int Step, int Edge)> path = new([(Start, 0)]);
        seen[Start] = true;
        while (path.TryPop(out (int Step, int Edge) at))
        {
            if (at.Edge == After[at.Step].Count)
            {
                left.Add(at.Step);
                continue;
            }

            path.Push((at.Step, at.Edge + 1));
            int next = After[at.Step][at.Edge].To;
            if (!seen[next])
            {
                seen[next] = true;
                path.Push((next, 0));
            }
        }

        left.Reverse();
        return [.. left];
    }

    /// <summary>Iterates to the fixed point of: what holds before a step is what holds after each of the steps before it, joined.</summary>
    private BitArray[] Solve(int[] order, bool atFirst, Func<BitArray, BitArray, BitArray> join)
    {
        int count = After.Length;
        BitArray[] state = [.. order.Length == 0 ? [] : Enumerable.Range(0, count).Select(_ => new BitArray(count, atFirst))];
        Queue<int> open = new(order);
        bool[] queued = new bool[count];
        foreach (int step in order)
        {
            queued[step] = true;
        }

        while (open.TryDequeue(out int at))
        {
            queued[at] = false;
            BitArray joined = Joined(at, state, atFirst, join);
            if (Same(joined, state[at]))
            {
                continue;
            }

            state[at] = joined;
            foreach ((int to, _) in After[at].Where(edge => !queued[edge.To]))
            {
                queued[to] = true;
                open.Enqueue(to);
            }
        }

        return state;
    }

    private BitArray Joined(int at, BitArray[] state, bool atFirst, Func<BitArray, BitArray, BitArray> join)
    {
        BitArray joined = new(After.Length, atFirst);
        if (at == Start)
        {
            // Nothing has run when the block begins, whatever ways lead back to its start.
            joined = join(joined, new BitArray(After.Length));
        }

        foreach ((int from, bool completed) in before[at].Where(edge => Reached[edge.From]))
        {
            BitArray after = new(state[from]);
            after[from] |= completed;
            joined = join(joined, after);
        }

        return joined;
    }

    private static bool Same(BitArray a, BitArray b) => !new BitArray(a).Xor(b).HasAnySet();
}
