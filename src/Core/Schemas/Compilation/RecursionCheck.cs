using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Compilation;

/// <summary>
/// Finds schemas that come back to themselves at the same place of the instance (Core 2020-12, section 9.4.1), which no
/// evaluation would ever leave. Without recursion: chains may be long.
/// </summary>
internal static class RecursionCheck
{
    public static void Run(IEnumerable<SchemaNode> nodes, ProblemList problems)
    {
        var done = new HashSet<SchemaNode>();
        var open = new HashSet<SchemaNode>();
        var path = new Stack<(SchemaNode Node, IEnumerator<SchemaNode> Next)>();
        foreach (SchemaNode start in nodes)
        {
            Open(start);
            while (path.TryPeek(out (SchemaNode Node, IEnumerator<SchemaNode> Next) top))
            {
                if (!top.Next.MoveNext())
                {
                    path.Pop();
                    open.Remove(top.Node);
                    done.Add(top.Node);
                }
                else if (open.Contains(top.Next.Current))
                {
                    problems.Add(top.Node.Resource.Document, top.Node.Pointer, SchemaCodes.InfiniteRecursion, $"the schema leads back to itself through {top.Next.Current.AbsoluteLocation} without descending into the instance");
                }
                else
                {
                    Open(top.Next.Current);
                }
            }
        }

        void Open(SchemaNode node)
        {
            if (!done.Contains(node) && open.Add(node))
            {
                path.Push((node, node.Keywords.SelectMany(k => k.InPlace).GetEnumerator()));
            }
        }
    }
}
