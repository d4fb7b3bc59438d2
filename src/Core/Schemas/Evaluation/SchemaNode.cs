using System.Text.Json;
using Countersign.Schemas.Compilation;
using Countersign.Schemas.Keywords;

namespace Countersign.Schemas.Evaluation;

/// <summary>One compiled schema: <c>true</c>, <c>false</c> or its keywords. Filled while compiling, never changed afterwards.</summary>
internal sealed class SchemaNode(SchemaResource resource, string pointer)
{
    private Keyword[] keywords = [];
    private Keyword[] unevaluated = [];
    private bool refusesAll;

    public SchemaResource Resource => resource;

    /// <summary>Where the schema is in its document.</summary>
    public string Pointer => pointer;

    /// <summary>URI of the schema with a pointer from the root of its resource.</summary>
    public string AbsoluteLocation => resource.Uri + "#" + JsonPointer.ToFragment(resource.Relative(pointer));

    public IReadOnlyList<Keyword> Keywords => keywords;

    /// <summary>Makes it the schema <c>false</c>, under which no instance at all is valid.</summary>
    public void RefuseAll() => refusesAll = true;

    /// <param name="all">The keywords; those that need what the others evaluated come last.</param>
    public void Fill(IEnumerable<Keyword> all)
    {
        List<Keyword> list = [.. all];
        keywords = [.. list.Where(k => !k.NeedsEvaluated)];
        unevaluated = [.. list.Where(k => k.NeedsEvaluated)];
    }

    /// <summary>Checks one instance.</summary>
    /// <param name="instance">The value.</param>
    /// <param name="run">The pass this is part of.</param>
    /// <param name="sink">Takes the evaluated parts when the instance is valid; null when nobody asks.</param>
    /// <param name="trace">Null for a plain answer.</param>
    public bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? sink, Trace? trace)
    {
        if (refusesAll)
        {
            trace?.Report(run, this, "", "is not allowed");
            return false;
        }

        if (keywords.Length == 0 && unevaluated.Length == 0)
        {
            return true;
        }

        run.Enter(this);
        bool scoped = run.EnterScope(resource);
        bool valid = sink is null && unevaluated.Length == 0
            ? Check(keywords, instance, run, null, trace)
            : CheckWithParts(instance, run, sink, trace);
        if (scoped)
        {
            run.LeaveScope();
        }

        run.Leave();
        return valid;
    }

    private bool CheckWithParts(JsonElement instance, EvaluationRun run, EvaluatedParts? sink, Trace? trace)
    {
        EvaluatedParts own = run.Rent();

        // After a mismatch the parts are incomplete, and what remains would be reported without cause.
        bool valid = Check(keywords, instance, run, own, trace) && Check(unevaluated, instance, run, own, trace);
        if (valid)
        {
            sink?.Add(own);
        }

        run.Return(own);
        return valid;
    }

    private static bool Check(Keyword[] list, JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        JsonKinds kind = Kinds.Of(instance.ValueKind);
        bool valid = true;
        foreach (Keyword keyword in list)
        {
            if ((keyword.AppliesTo & kind) == 0 || keyword.Evaluate(instance, run, parts, trace))
            {
                continue;
            }

            valid = false;
            if (trace is null || run.ErrorsFull)
            {
                return false;
            }
        }

        return valid;
    }
}
