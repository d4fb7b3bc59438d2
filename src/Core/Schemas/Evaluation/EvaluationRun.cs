using Countersign.Schemas.Compilation;

namespace Countersign.Schemas.Evaluation;

/// <summary>One pass over one instance: what it has spent, how deep it is, which resources it came through.</summary>
internal sealed class EvaluationRun(SchemaOptions limits, bool tracksScope)
{
    /// <summary>Keeps the deepest call chain well inside a 1 MB stack.</summary>
    public const int MaxNesting = 1000;

    private readonly List<SchemaResource>? scope = tracksScope ? [] : null;

    /// <summary>The schemas being applied, outermost first. Loops without a $dynamicRef are refused when compiling, so only there is it kept.</summary>
    private readonly List<SchemaNode>? path = tracksScope ? [] : null;
    private Stack<EvaluatedParts>? spare;
    private List<SchemaError>? errors;
    private long left = limits.MaxSteps;
    private int nesting;
    private int depth;
    private int nestingAtDescent;

    public IReadOnlyList<SchemaError> Errors => errors ?? [];

    public bool ErrorsFull => errors?.Count >= limits.MaxErrors;

    public bool Truncated { get; private set; }

    /// <summary>Pays for work; the count is what ends a hostile validation, not time.</summary>
    public void Charge(long steps)
    {
        left -= steps;
        if (left < 0)
        {
            throw new LimitReachedException(SchemaCodes.StepLimit, $"took more than {limits.MaxSteps} steps to check; use a smaller document or a simpler schema");
        }
    }

    public void ChargeBytes(int bytes) => Charge(1 + (bytes >> 6));

    public void Enter(SchemaNode node)
    {
        Charge(1);
        path?.Add(node);
        if (++nesting > MaxNesting)
        {
            throw IsLoop()
                ? new LimitReachedException(SchemaCodes.InfiniteRecursion, "the schema refers back to itself without descending into the document")
                : new LimitReachedException(SchemaCodes.NestingLimit, $"more than {MaxNesting} schemas apply one inside the other");
        }
    }

    public void Leave()
    {
        nesting--;
        path?.RemoveAt(nesting);
    }

    /// <summary>Goes from a container to its members; the returned mark belongs to <see cref="Ascend"/>.</summary>
    public int Descend()
    {
        if (++depth > limits.MaxInstanceDepth)
        {
            throw new LimitReachedException(SchemaCodes.InstanceTooDeep, $"is nested deeper than {limits.MaxInstanceDepth} levels");
        }

        int mark = nestingAtDescent;
        nestingAtDescent = nesting;
        return mark;
    }

    public void Ascend(int mark)
    {
        depth--;
        nestingAtDescent = mark;
    }

    /// <summary>Notes the resource a schema belongs to (Core 2020-12, section 7.1); false when it is the one we are in.</summary>
    public bool EnterScope(SchemaResource resource)
    {
        if (scope is null || (scope.Count > 0 && ReferenceEquals(scope[^1], resource)))
        {
            return false;
        }

        scope.Add(resource);
        return true;
    }

    public void LeaveScope() => scope!.RemoveAt(scope.Count - 1);

    /// <summary>The outermost resource of the dynamic scope that has this dynamic anchor decides (Core 2020-12, section 8.2.3.2).</summary>
    public SchemaNode ResolveDynamic(string anchor, SchemaNode initial)
    {
        foreach (SchemaResource resource in scope!)
        {
            if (resource.DynamicNodes.TryGetValue(anchor, out SchemaNode? node))
            {
                return node;
            }
        }

        return initial;
    }

    /// <summary>
    /// Whether a schema met itself at this place of the instance. A resource entered in between may turn a $dynamicRef
    /// elsewhere, so only a meeting with the same resources in scope repeats for ever.
    /// </summary>
    private bool IsLoop()
    {
        var resources = new HashSet<SchemaResource>();
        var met = new HashSet<(SchemaNode Node, int Resources)>();
        for (int i = 0; path is not null && i < path.Count; i++)
        {
            resources.Add(path[i].Resource);
            if (i >= nestingAtDescent && !met.Add((path[i], resources.Count)))
            {
                return true;
            }
        }

        return false;
    }

    public EvaluatedParts Rent() => spare is not null && spare.TryPop(out EvaluatedParts? parts) ? parts : new EvaluatedParts();

    public void Return(EvaluatedParts parts)
    {
        parts.Clear();
        spare ??= new Stack<EvaluatedParts>();
        spare.Push(parts);
    }

    public void Report(SchemaError error)
    {
        if (ErrorsFull)
        {
            Truncated = true;
            return;
        }

        errors ??= [];
        errors.Add(error);
    }
}
